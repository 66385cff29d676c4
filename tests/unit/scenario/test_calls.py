"""Calls in scenario files: patience, protocol, choice, TLS and ports, as the model and the Program have them."""

from pathlib import Path

import pytest

from netsim import costs
from netsim.errors import ScenarioError
from netsim.lowering import lower
from netsim.model.cluster import Call, Scenario
from netsim.model.transport import Tls
from netsim.program import Program, Protocol
from netsim.scenario import load

SECOND, MILLISECOND = 10**12, 10**9
WORKLOADS = """
  - {target: pod/client, node: n-0}
  - {target: deployment/shop/cart, replicas: 2, ports: [8080]}
  - {target: deployment/kube-system/coredns, replicas: 2, ports: [53]}
"""
SERVICES = """
  - {name: shop/cart, selector: deployment/shop/cart, port: 80, targetPort: 8080, type: LoadBalancer}
  - {name: kube-system/kube-dns, selector: deployment/kube-system/coredns, port: 53, protocol: both}
"""


def written(traffic: str, workloads: str = "", services: str = SERVICES) -> str:
    """A scenario file with one stream of traffic."""
    return f"""apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {{name: x}}
spec:
  run: {{duration: 100ms}}
  cluster:
    nodePools: [{{name: n, count: 2}}]
    externals: [{{name: db}}]
  workloads:{WORKLOADS}{workloads}
  services:{services}
  traffic:
  - {{name: t, {traffic}}}
"""


def scenario(folder: Path, text: str) -> Scenario:
    path = folder / "s.yaml"
    path.write_text(text)
    [only] = load(path).variants
    return only


def call(folder: Path, manner: str, ends: str = "from: pod/client, to: svc/shop/cart, rate: 10/s") -> Call:
    [traffic] = scenario(folder, written(f"{ends}, {manner}" if manner else ends)).traffic
    return traffic.call


def lowered(folder: Path, manner: str, ends: str = "from: pod/client, to: svc/shop/cart, rate: 10/s") -> Program:
    return lower(scenario(folder, written(f"{ends}, {manner}" if manner else ends)), 1)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        scenario(folder, text)
    return str(raised.value).removeprefix(str(folder / "s.yaml"))


def test_defaults(tmp_path: Path) -> None:
    found = call(tmp_path, "")
    assert (found.protocol, found.timeout, found.retries, found.per_request) == ("TCP", None, 0, False)
    assert (found.tls, found.lookups, found.behaviour) == (None, (), None)
    rows = lowered(tmp_path, "").calls
    assert (rows.protocol[0], rows.timeout[0], rows.retries[0], rows.per_request[0]) == (0, -1, 0, 0)
    assert (rows.tls[0], rows.lookups[0], rows.race[0]) == (-1, 0, 0)


def test_patience(tmp_path: Path) -> None:
    found = call(tmp_path, "timeout: 50ms, retries: 2")
    assert (found.timeout, found.retries) == (50 * MILLISECOND, 2)
    rows = lowered(tmp_path, "timeout: 50ms, retries: 2").calls
    assert (rows.timeout[0], rows.retries[0]) == (50 * MILLISECOND, 2)


def test_datagrams_are_waited_for_five_seconds(tmp_path: Path) -> None:
    ends = "from: pod/client, to: svc/kube-system/kube-dns, rate: 10/s"
    assert call(tmp_path, "protocol: UDP", ends).timeout == 5 * SECOND
    assert call(tmp_path, "protocol: UDP, timeout: 1s", ends).timeout == SECOND
    rows = lowered(tmp_path, "protocol: UDP", ends).calls
    assert (rows.protocol[0], rows.timeout[0]) == (Protocol.UDP, 5 * SECOND)


def test_the_client_chooses(tmp_path: Path) -> None:
    found = call(tmp_path, "balancing: least_connections")
    assert (found.per_request, found.strategy) == (True, "least_connections")
    program = lowered(tmp_path, "balancing: least_connections")
    row = int(program.calls.service[0])
    assert program.names.strategies[program.services.strategy[row]] == "least_connections"
    assert (program.calls.entry[0], program.calls.per_request[0], program.services.walk[row]) == (0, 1, -1)


def test_tls_is_what_the_cost_profile_says(tmp_path: Path) -> None:
    assert call(tmp_path, "connections: {tls: true}").tls == Tls()
    program = lowered(tmp_path, "connections: {tls: true}")
    stages = costs.load().stages
    tls = program.tls
    assert (tls.rounds.tolist(), tls.request.tolist(), tls.response.tolist()) == ([1], [517], [3686])
    assert tls.client.tolist() == [stages["tls-client"].per_burst]
    assert tls.server.tolist() == [stages["tls-server"].per_burst]
    assert program.calls.tls[0] == 0


PORTS = {
    "to: svc/shop/cart": "8080/TCP",
    "to: svc/shop/cart, port: 80": "8080/TCP",
    "to: pod/shop/cart-0": "8080/TCP",
    "to: pod/shop/cart-0, protocol: UDP": "8080/UDP",
    "to: external/db": "",
    "to: external/db, port: 5432": "5432/TCP",
    "to: svc/kube-system/kube-dns, protocol: UDP": "53/UDP",
}


@pytest.mark.parametrize("to", PORTS)
def test_the_port_is_the_one_that_the_server_listens_on(to: str, tmp_path: Path) -> None:
    program = lowered(tmp_path, "", f"from: pod/client, rate: 10/s, {to}")
    assert program.names.ports[program.calls.port[0]] == PORTS[to]


WRONG = {
    "balancing: leest_connections": "there is no balancing strategy 'leest_connections'. Did you mean",
    "protocol: UDP, connections: {tls: true}": "TLS needs TCP. Leave out connections.tls, or protocol.",
    "protocol: UDP": "Service 'shop/cart' has no UDP port.",
    "retries: 11": "11 must be at most 10.",
    "timeout: 0s": "0 is out of range.",
    "timeout: 50": "'50' is not a duration.",
    "dns: {ndots: 16}": "16 must be at most 15.",
    "dns: {name: '-x'}": "'-x' is not a name of DNS. Write for example cart.shop, or api.example.com.",
    "dns: {name: 'a..b'}": "'a..b' is not a name of DNS.",
    "dns: {server: svc/kube-system/coredns}": "there is no 'svc/kube-system/coredns'. Describe CoreDNS as a workload",
    "dns: {server: svc/shop/cart}": "Service 'shop/cart' has no UDP port.",
    "dns: {raceProbability: 101%}": "101% is out of range.",
    "dns: {lookup: always}": "'always' is not known. Known: never, perConnection, perRequest.",
}


@pytest.mark.parametrize("manner", WRONG)
def test_refused(manner: str, tmp_path: Path) -> None:
    text = refusal(tmp_path, written(f"from: pod/client, to: svc/shop/cart, rate: 10/s, {manner}"))
    assert WRONG[manner] in text, text
    assert text.startswith(":19:")


MISPLACED = {
    "from: internet, to: svc/shop/cart, via: loadBalancer, rate: 1/s, balancing: random": "clients outside the cluster",
    "from: internet, to: svc/shop/cart, via: loadBalancer, rate: 1/s, dns: {}": "only pods look names up",
    "from: node/n-0, to: svc/shop/cart, rate: 1/s, dns: {}": "only pods look names up",
    "from: pod/client, to: pod/shop/cart-0, rate: 1/s, balancing: random": "there is nothing to choose from",
    "from: pod/client, to: pod/shop/cart-0, rate: 1/s, dns: {}": "pod/shop/cart-0 has no name in DNS",
    "from: pod/client, to: external/db, rate: 1/s, dns: {}": "'name' is missing: what is external/db called in DNS?",
    "from: pod/client, to: svc/shop/cart, bulk: {}, timeout: 1s": "timeout does not go with bulk",
    "from: pod/client, to: svc/shop/cart, datagrams: {rate: 1Mbit}, retries: 1": "retries does not go with datagrams",
    "from: pod/client, to: svc/kube-system/kube-dns, rate: 1/s, protocol: UDP, request: 2kB": (
        "datagrams of 2000 bytes do not fit an interface, and fragments are not modelled."
    ),
    "from: pod/client, to: svc/kube-system/kube-dns, rate: 1/s, protocol: UDP, response: {dist: lognormal, "
    "median: 100B, p99: 200B}": "the size of a datagram needs an upper limit",
}


@pytest.mark.parametrize("traffic", MISPLACED)
def test_what_does_not_go_together(traffic: str, tmp_path: Path) -> None:
    text = refusal(tmp_path, written(traffic))
    assert MISPLACED[traffic] in text, text


def test_calls_of_workloads_are_checked_too(tmp_path: Path) -> None:
    calls = "[{to: external/db, dns: {}, protocol: UDP, request: 9kB}]"
    workload = f"  - {{target: deployment/web, replicas: 1, ports: [80], calls: {calls}}}\n"
    text = refusal(tmp_path, written("from: pod/client, to: pod/web-0, rate: 1/s", workload))
    assert "workloads.deployment/web.calls[0].dns: 'name' is missing" in text
    assert "workloads.deployment/web.calls[0].request: datagrams of 9000 bytes do not fit" in text


def test_dns_servers_do_not_ask_themselves(tmp_path: Path) -> None:
    services = SERVICES + "  - {name: dns, selector: deployment/dns, port: 53, protocol: both}\n"
    call_ = "{to: external/db, dns: {name: up.example.com, server: svc/dns}}"
    workload = f"  - {{target: deployment/dns, replicas: 1, ports: [53], calls: [{call_}]}}\n"
    text = refusal(tmp_path, written("from: pod/client, to: svc/shop/cart, rate: 1/s", workload, services))
    assert "calls go round in a circle: deployment/default/dns -> deployment/default/dns" in text
