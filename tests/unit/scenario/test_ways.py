"""How traffic comes in: the tree of calls that a way means, and what is refused with place and reason."""

from pathlib import Path

import pytest
import yaml

from netsim.entry.proxies._controller import ECDSA
from netsim.errors import ScenarioError
from netsim.model.balancer import Balancing
from netsim.model.cluster import Call, Scenario, Traffic
from netsim.scenario import load
from netsim.scenario.passing import shared

HEAD = "apiVersion: netsim/v1alpha1\nkind: Scenario\nmetadata: {name: x}\nspec:\n"
BASE = """\
  run: {duration: 50ms, warmup: '0'}
  workloads:
  - {target: deployment/web, replicas: 3, ports: [80]}
  - {target: deployment/api, replicas: 2, ports: [8080]}
  - {target: daemonset/edge, containers: [{name: c, ports: [8088], hostPorts: [8088]}]}
  - {target: pod/client, ports: [9000]}
  services:
  - {name: web, selector: deployment/web, type: LoadBalancer}
  - {name: api, selector: deployment/api, port: 80, targetPort: 8080}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /cart, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
"""
ROUTED = "plugin: flannel, backend: host-gw"


def scenario(folder: Path, traffic: str, cluster: str = "", more: str = "", manifest: str = "") -> Scenario:
    """The only variant of a scenario with one stream from the internet."""
    pools = f"  cluster: {{nodePools: [{{name: n, count: 3}}]{cluster and ', '}{cluster}}}\n"
    listed = "  manifests: [m.yaml]\n" if manifest else ""
    (folder / "m.yaml").write_text(manifest, encoding="utf-8")
    text = f"{HEAD}{listed}{pools}{BASE}{more}  traffic:\n  - {{name: t, rate: 100/s, {traffic}}}\n"
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    [found] = load(folder / "s.yaml").variants
    return found


def stream(folder: Path, way: str, **parts: str) -> Traffic:
    [found] = scenario(folder, f"from: internet, {way}", **parts).traffic
    return found


def refused(folder: Path, way: str, **parts: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        stream(folder, way, **parts)
    return str(raised.value)


def passed(call: Call) -> Call:
    """The only call of who passes a request on."""
    assert call.behaviour is not None
    [[found]] = call.behaviour.calls
    return found


# -- load balancers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["passthrough", "metallb-l2", "metallb-bgp"])
def test_what_is_balanced_in_packets_stays_one_call(tmp_path: Path, kind: str) -> None:
    found = stream(tmp_path, "to: svc/web, via: loadBalancer", cluster=f"loadBalancer: {{kind: {kind}}}")
    assert (found.via, found.call.to, found.call.behaviour) == ("loadBalancer", "svc/default/web", None)


def test_a_proxy_is_a_machine_with_connections_of_its_own(tmp_path: Path) -> None:
    cluster = "loadBalancer: {kind: proxy, choice: request}"
    whole = scenario(tmp_path, "from: internet, to: svc/web, via: loadBalancer", cluster=cluster)
    [found] = whole.traffic
    assert whole.cluster.load_balancer.balancing is Balancing.TERMINATES
    assert [one.name for one in whole.cluster.externals] == ["load-balancer"]
    assert found.call.to == "external/load-balancer"
    inner = passed(found.call)
    assert (inner.to, inner.via, inner.per_request) == ("svc/default/web", "loadBalancer", False)
    assert inner.connections.limit == 1000


def test_a_proxy_of_pods_chooses_for_each_request(tmp_path: Path) -> None:
    cluster = "loadBalancer: {kind: proxy, targets: pods, choice: request, strategy: least_connections}"
    more = f"  cni: {{{ROUTED}}}\n"
    inner = passed(stream(tmp_path, "to: svc/web, via: loadBalancer", cluster=cluster, more=more).call)
    assert (inner.per_request, inner.strategy) == (True, "least_connections")


def test_in_layer_4_each_connection_has_one_of_the_proxys_own(tmp_path: Path) -> None:
    more = "  ingress: {controller: nginx, tls: ecdsa}\n"
    found = stream(
        tmp_path, "to: svc/web, via: ingress/front", manifest=INGRESS, more=more, cluster="loadBalancer: {kind: proxy}"
    )
    inner = passed(found.call)
    assert (inner.connections.mode, inner.connections.paired, inner.per_request) == ("persistent", True, False)
    assert found.call.tls is not None
    assert inner.tls is not None
    assert (found.call.tls.server, inner.tls.client) == (0, 0), "TLS goes through"
    assert (found.call.tls.client, inner.tls.server) == (ECDSA.client, ECDSA.server)


@pytest.mark.parametrize("kind", ["pods", "proxy, targets: pods"])
def test_pod_addresses_need_routes(tmp_path: Path, kind: str) -> None:
    told = refused(tmp_path, "to: svc/web, via: loadBalancer", cluster=f"loadBalancer: {{kind: {kind}}}")
    assert "traffic.t.via: loadBalancer" in told
    assert "needs routes to pod addresses, and Flannel vxlan hides them in vxlan. Choose a CNI mode" in told


def test_a_stream_of_bytes_does_not_go_through_a_proxy(tmp_path: Path) -> None:
    text = "name: b, from: internet, to: svc/web, via: loadBalancer, bulk: {streams: 1, size: 1MiB}"
    with pytest.raises(ScenarioError, match=r"traffic\.b\.bulk: a load balancer of kind proxy passes requests on"):
        scenario(tmp_path, f"from: pod/client, to: svc/web}}\n  - {{{text}", cluster="loadBalancer: {kind: proxy}")


def test_the_proxys_name_is_taken(tmp_path: Path) -> None:
    cluster = "loadBalancer: {kind: proxy}, externals: [{name: load-balancer}]"
    assert "externals.load-balancer.name: 'load-balancer' is the load balancer's own name" in refused(
        tmp_path, "to: svc/web, via: loadBalancer", cluster=cluster
    )


def test_an_unknown_kind_is_told_the_known_ones(tmp_path: Path) -> None:
    told = refused(tmp_path, "to: svc/web, via: loadBalancer", cluster="loadBalancer: {kind: metalb-l2}")
    assert "cluster.loadBalancer: 'metalb-l2' is not known. Did you mean 'metallb-l2'?" in told


# -- to pods and their nodes ------------------------------------------------------------------------------------------


def test_a_pods_own_address(tmp_path: Path) -> None:
    found = stream(tmp_path, "to: pod/web-0, via: pods", more=f"  cni: {{{ROUTED}}}\n")
    assert (found.call.to, found.via) == ("pod/default/web-0", "pods")
    assert "via: pods needs routes to pod addresses" in refused(tmp_path, "to: pod/web-0, via: pods")
    told = refused(tmp_path, "to: svc/web, via: pods", more=f"  cni: {{{ROUTED}}}\n")
    assert "traffic.t.to: via: pods leads to one pod. Write to: pod/namespace/name." in told


def test_host_ports(tmp_path: Path) -> None:
    assert stream(tmp_path, "to: pod/edge-n-1, via: hostPort").via == "hostPort"
    assert "pod 'default/web-0' has no hostPort" in refused(tmp_path, "to: svc/web, via: hostPort")


def test_host_ports_of_manifests_are_read_and_taken_once(tmp_path: Path) -> None:
    pod = """\
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec: {nodeName: n-0, containers: [{name: c, ports: [{containerPort: 8080, hostPort: 8081}]}]}
"""
    whole = scenario(tmp_path, "from: internet, to: pod/one, via: hostPort", manifest=pod % "one")
    [found] = [one for one in whole.cluster.pods if one.name == "one"]
    assert found.containers[0].host_ports == ((8081, 8080),)
    told = refused(tmp_path, "to: pod/one, via: hostPort", manifest=f"{pod % 'one'}---\n{pod % 'two'}")
    assert "port 8081 of node 'n-0' is taken" in told


# -- through an ingress controller ------------------------------------------------------------------------------------


def test_a_controller_goes_to_pods_itself_for_each_request(tmp_path: Path) -> None:
    way = "to: svc/web, via: ingress/front, host: shop.example.com, path: /cart/1"
    whole = scenario(tmp_path, f"from: internet, {way}", manifest=INGRESS)
    [found] = whole.traffic
    assert (found.via, found.call.to) == ("loadBalancer", "svc/ingress/controller")
    inner = passed(found.call)
    assert (inner.to, inner.per_request, inner.strategy, inner.retries) == ("svc/default/web", True, "round_robin", 2)
    [made] = [one for one in whole.behaviours if one.target == "deployment/ingress/controller"]
    assert made.concurrency == 8192
    assert len([pod for pod in whole.cluster.pods if pod.namespace == "ingress"]) == 2


def test_without_host_and_path_the_first_rule_towards_the_service_is_meant(tmp_path: Path) -> None:
    found = stream(tmp_path, "to: svc/api, via: ingress/default/front", manifest=INGRESS)
    assert passed(found.call).to == "svc/default/api"


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("to: svc/api, host: shop.example.com, path: /cart", "traffic.t.path: shop.example.com/cart of ingress/def"),
        ("to: svc/web, host: other.example.com, path: /cart", "leads to nowhere, not to svc/default/web"),
        ("to: svc/web, path: cart", "traffic.t.path: 'cart' is not a path. Write for example /cart."),
        ("to: svc/web, host: 'a b'", "traffic.t.host: 'a b' is not a host name"),
    ],
)
def test_a_rule_that_leads_elsewhere(tmp_path: Path, way: str, told: str) -> None:
    assert told in refused(tmp_path, f"{way}, via: ingress/front", manifest=INGRESS)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: web", "name: wbe", "m.yaml:9:67: spec.rules[0].http.paths[0].backend.service.name: ingress/default"),
        ("name: web", "name: wbe", "Service 'default/wbe', which does not exist. Did you mean 'svc/default/web'?"),
        ("number: 80}", "number: 81}", "which has no port 81. Its ports: 80."),
        ("pathType: Prefix", "pathType: Perfix", "pathType: 'Perfix' is not known. Known: Exact, Prefix, Impl"),
        ("path: /cart", "path: cart", "'cart' is not a path. Begin it with a slash."),
    ],
)
def test_an_ingress_to_what_does_not_exist_is_told_where_it_says_so(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    way = "to: svc/web, via: ingress/front, host: shop.example.com, path: /cart"
    assert told in refused(tmp_path, way, manifest=INGRESS.replace(old, new, 1))


def test_an_ingress_that_does_not_exist_is_told_the_nearest(tmp_path: Path) -> None:
    told = refused(tmp_path, "to: svc/web, via: ingress/font", manifest=INGRESS)
    assert "traffic.t.via: there is no 'ingress/default/font'. Did you mean 'ingress/default/front'?" in told
    assert "No manifest has an ingress" in refused(tmp_path, "to: svc/web, via: ingress/front")


def test_an_unused_ingress_to_what_does_not_exist_is_a_notice(tmp_path: Path) -> None:
    scenario(tmp_path, "from: pod/client, to: svc/web", manifest=INGRESS.replace("name: web", "name: wbe", 1))
    notices = [str(notice) for notice in load(tmp_path / "s.yaml").notices]
    assert any("front leads to Service 'default/wbe', which does not exist" in notice for notice in notices)


def test_tls_of_an_ingress_and_http2(tmp_path: Path) -> None:
    secure = INGRESS.replace("spec:\n", "spec:\n  tls: [{hosts: [shop.example.com]}]\n", 1)
    assert stream(tmp_path, "to: svc/web, via: ingress/front", manifest=secure).call.tls == ECDSA
    assert stream(tmp_path, "to: svc/web, via: ingress/front", manifest=INGRESS).call.tls is None
    more = "  ingress: {controller: envoy, http2: true}\n"
    found = stream(tmp_path, "to: svc/web, via: ingress/front", manifest=INGRESS, more=more)
    assert found.call.connections.mode == "persistent"
    assert passed(found.call).connections.mode == "pooled"
    assert passed(found.call).strategy == "two_choices"


def test_the_class_names_the_controller(tmp_path: Path) -> None:
    manifest = f"{INGRESS}---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: c}}\n"
    manifest += "spec: {controller: traefik.io/ingress-controller}\n"
    found = stream(tmp_path, "to: svc/web, via: ingress/front", manifest=manifest)
    assert passed(found.call).retries == 0


def test_a_controller_on_its_nodes_network(tmp_path: Path) -> None:
    more = "  ingress: {controller: nginx, hostNetwork: true, replicas: 1}\n"
    found = stream(tmp_path, "to: svc/web, via: ingress/front", manifest=INGRESS, more=more)
    assert (found.via, found.call.to) == ("pods", "pod/ingress/controller-0")


def test_a_controller_behind_a_proxy(tmp_path: Path) -> None:
    cluster = "loadBalancer: {kind: proxy}"
    found = stream(tmp_path, "to: svc/web, via: ingress/front", manifest=INGRESS, cluster=cluster)
    middle = passed(found.call)
    assert (found.call.to, middle.to) == ("external/load-balancer", "svc/ingress/controller")
    assert passed(middle).to == "svc/default/web"


def test_a_controller_that_is_described(tmp_path: Path) -> None:
    more = "  ingress: {controller: haproxy, workload: deployment/api}\n"
    told = refused(tmp_path, "to: svc/web, via: ingress/front", manifest=INGRESS, more=more)
    assert "no Service of type LoadBalancer or NodePort leads to the ingress controller 'deployment/api'" in told or (
        "'deployment/api' has no pods" in told
    )


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {listeners: [{name: https, protocol: HTTPS, port: 443}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: split}
spec:
  parentRefs: [{name: edge}]
  hostnames: ["*.example.com"]
  rules:
  - matches: [{path: {type: PathPrefix, value: /x}, headers: [{name: a, value: b}]}]
    backendRefs: [{name: web, port: 80, weight: 2}, {name: api, port: 80, weight: 1}]
"""


def test_a_route_splits_by_weights(tmp_path: Path) -> None:
    found = stream(tmp_path, "to: svc/api, via: httpRoute/split", manifest=ROUTE)
    assert found.call.behaviour is not None
    [group] = found.call.behaviour.calls
    assert found.call.behaviour.one_of
    assert {call.to: call.probability for call in group} == {"svc/default/web": 666_666, "svc/default/api": 333_334}
    assert found.call.tls == ECDSA


def test_what_a_route_says_of_headers_is_noticed(tmp_path: Path) -> None:
    scenario(tmp_path, "from: internet, to: svc/api, via: httpRoute/split", manifest=ROUTE)
    notices = [str(notice) for notice in load(tmp_path / "s.yaml").notices]
    assert any("headers is not looked at" in notice for notice in notices)


@pytest.mark.parametrize("weights", [[1], [1, 1, 1], [90, 10], [7, 0, 3], [1_000_000, 1]])
def test_shares_sum_to_the_whole(weights: list[int]) -> None:
    parts = shared(1_000_000, weights)
    assert sum(parts) == 1_000_000
    assert all(abs(part - 1_000_000 * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))


def test_manifests_of_routes_survive_what_is_not_known(tmp_path: Path) -> None:
    odd = yaml.safe_dump(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "odd", "annotations": {"nginx.ingress.kubernetes.io/rewrite-target": "/$1"}},
            "spec": {"rules": [{"http": {"paths": [{"backend": {"resource": {"kind": "Bucket"}}}]}}, {}]},
        }
    )
    assert scenario(tmp_path, "from: pod/client, to: svc/web", manifest=odd).traffic


# -- through the API server -------------------------------------------------------------------------------------------


def test_kubectl_proxy_is_the_api_servers_choice_of_a_pod(tmp_path: Path) -> None:
    whole = scenario(tmp_path, "from: internet, to: svc/api, via: kubectlProxy")
    [found] = whole.traffic
    assert found.call.to == "pod/kube-system/kube-apiserver-n-0"
    assert found.call.connections.mode == "persistent"
    assert found.call.tls == ECDSA
    inner = passed(found.call)
    assert (inner.to, inner.per_request, inner.strategy) == ("svc/default/api", True, "random")
    [server] = [one for one in whole.behaviours if one.target == found.call.to]
    assert server.concurrency == 400
    [pod] = [one for one in whole.cluster.pods if one.namespace == "kube-system"]
    assert (pod.node, pod.host_network) == ("n-0", True)


def test_port_forward_leads_to_one_pod_by_its_node(tmp_path: Path) -> None:
    found = stream(tmp_path, "to: svc/web, via: portForward", cluster="apiServer: {node: n-2, inFlight: 7}")
    assert found.call.to == "pod/kube-system/kube-apiserver-n-2"
    hop = passed(found.call)
    last = passed(hop)
    assert last.to == "pod/default/web-0"
    assert hop.to == "node/n-0"


def test_an_api_server_on_no_node(tmp_path: Path) -> None:
    told = refused(tmp_path, "to: svc/web, via: kubectlProxy", cluster="apiServer: {node: n-9}")
    assert "cluster.apiServer.node: there is no node 'n-9'" in told


# -- who may come, and how one goes -----------------------------------------------------------------------------------


def test_addresses_are_within_source_ranges_or_not(tmp_path: Path) -> None:
    shut = "{name: shut, selector: deployment/web, type: LoadBalancer, loadBalancerSourceRanges: [203.0.113.0/24]}"
    more = f"  - {shut}\n"
    assert stream(tmp_path, "to: svc/shut, via: loadBalancer, cidr: 203.0.113.0/25", more=more).cidr is not None
    told = refused(tmp_path, "to: svc/shut, via: loadBalancer, cidr: 203.0.112.0/23", more=more)
    assert "traffic.t.cidr: 203.0.112.0/23 is only in part within 203.0.113.0/24" in told


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("to: svc/web, via: loadBalancer, path: /x", "traffic.t.path: path is for via: ingress and via: httpRoute"),
        ("to: svc/web, via: loadbalancer", "traffic.t.via: 'loadbalancer' is not known. Did you mean 'loadBalancer'?"),
        (
            "to: svc/web, via: kubectlProxy, protocol: UDP",
            "traffic.t.protocol: kubectlProxy passes on what comes over TCP, not UDP",
        ),
        ("to: svc/web, via: ingress", "traffic.t.via: 'ingress' is no way in. Write ingress/namespace/name."),
        ("to: svc/web", "'via' is missing: how does internet come in?"),
        ("to: svc/api, via: nodePort", "Service 'default/api' is of type ClusterIP and has no node port"),
        ("to: pod/web-0, via: nodePort", "sources outside the cluster reach pods through a Service"),
    ],
)
def test_ways_that_lead_nowhere(tmp_path: Path, way: str, told: str) -> None:
    assert told in refused(tmp_path, way)


def test_an_egress_gateway_is_for_the_pods_of_its_workloads(tmp_path: Path) -> None:
    gateway = "externals: [{name: db}], egressGateways: [{name: g, nodes: [n-2], workloads: [deployment/web]}]"
    both = "from: deployment/web, to: external/db}\n  - {name: u, rate: 100/s, from: pod/client, to: external/db"
    one, other = scenario(tmp_path, both, cluster=gateway).traffic
    assert (one.call.via, other.call.via) == ("egressGateway/g", None)


@pytest.mark.parametrize(
    ("gateway", "told"),
    [
        ("{name: g, nodes: [n-7], workloads: [pod/client]}", "egressGateways.g.nodes[0]: there is no 'node/n-7'"),
        ("{name: g, nodes: [n-0], workloads: [pod/x]}", "egressGateways.g.workloads[0]: there is no 'pod/default/x'"),
        (
            "{name: g, nodes: [n-0], workloads: [pod/client]}, {name: h, nodes: [n-0], workloads: [pod/client]}",
            "'pod/default/client' has the gateway 'g' already",
        ),
    ],
)
def test_gateways_of_nothing(tmp_path: Path, gateway: str, told: str) -> None:
    assert told in refused(tmp_path, "to: svc/web, via: loadBalancer", cluster=f"egressGateways: [{gateway}]")
