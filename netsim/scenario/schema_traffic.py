"""What a scenario file says of behaviour: workloads, Services and traffic."""

from typing import Literal

from pydantic import Field, model_validator

from netsim.scenario.fields import (
    AffinityTime,
    Label,
    Network,
    Port,
    Reference,
    Section,
    Time,
    written,
)
from netsim.scenario.schema_calls import Manner, Step
from netsim.scenario.schema_control import LifecycleSection, ScalingSection
from netsim.scenario.schema_entry import Hostname, HttpPath, Way
from netsim.scenario.schema_law import SizeLaw, TimeLaw
from netsim.scenario.schema_load import BulkSection, DatagramSection, RateSection, TransactionSection
from netsim.units import UnitError

MOST_REPLICAS = 150_000
# What a stream of traffic can do; each names the field that says it.
KINDS = ("rate", "users", "bulk", "datagrams", "transactions")
_SPREAD = "The starts of the users are spread over one think time; without one, all start at once."


class ContainerSection(Section):
    """A container of a pod that no manifest describes."""

    name: Label = Field(description="its name")
    ports: list[Port] = Field(default_factory=list, max_length=100, description="ports that it listens on")
    host_ports: list[Port] = Field(
        default_factory=list,
        max_length=100,
        description="those of them that the node of the pod leads to it, under the same number (hostPort)",
    )


class PlacedPod(Section):
    """One pod that no manifest describes."""

    name: Label = Field(description="its name")
    node: str | None = Field(None, max_length=253, description="its node; chosen by the scheduler if left out")


class WorkloadSection(Section):
    """What a manifest cannot say of a workload: how long it works, whom it calls."""

    target: Reference = Field(description="deployment/ns/name, statefulset/ns/name, daemonset/ns/name or pod/ns/name")
    replicas: int | None = Field(
        None, ge=1, le=MOST_REPLICAS, description="pods, for a workload that no manifest describes"
    )
    ports: list[Port] | None = Field(
        None, max_length=100, description="ports its pods listen on, where no manifest says it"
    )
    containers: list[ContainerSection] | None = Field(
        None, min_length=1, max_length=50, description="its pods' containers, in place of ports"
    )
    labels: dict[str, str] | None = Field(
        None, description="labels of its pods, which network policies select, where no manifest says it"
    )
    node: str | None = Field(None, max_length=253, description="the node of all its pods")
    pods: list[PlacedPod] | None = Field(
        None, min_length=1, max_length=MOST_REPLICAS, description="its pods by name, in place of replicas"
    )
    startup: Time = written("1s", description="time from its container's start until its process listens")
    lifecycle: LifecycleSection | None = Field(
        None,
        description="how its pods come and go, where no manifest says it\n"
        "Left out, they have a readinessProbe every second, no preStop hook, and 30s to end.",
    )
    autoscaling: ScalingSection | None = Field(None, description="a HorizontalPodAutoscaler, where no manifest has one")
    concurrency: int = Field(64, ge=1, le=1_000_000, description="requests that a pod serves at once")
    service_time: TimeLaw | None = Field(None, description="time a request holds a worker off the CPU")
    cpu_time: TimeLaw | None = Field(None, description="time a request works on a core")
    calls: list[Step] = Field(default_factory=list, max_length=100, description="whom it calls, in order")

    @model_validator(mode="after")
    def _once(self) -> "WorkloadSection":
        if self.pods is not None and (self.replicas is not None or self.node is not None):
            raise UnitError("pods already says how many and where", "Leave out replicas and node.")
        if self.ports is not None and self.containers is not None:
            raise UnitError("containers already says the ports", "Leave out ports.")
        return self


class ServiceSection(Section):
    """A Service that no manifest describes."""

    name: Reference = Field(description="ns/name, or name in the namespace default")
    selector: Reference = Field(description="the workload behind it, deployment/ns/name")
    port: Port = Field(80, description="port of the Service")
    protocol: Literal["TCP", "UDP", "both"] = Field("TCP", description="of this port; both, as CoreDNS has it")
    target_port: Port | None = Field(None, description="port of the pods; their first one if left out")
    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = Field("ClusterIP", description="as in Kubernetes")
    external_traffic_policy: Literal["Cluster", "Local"] = Field(
        "Cluster",
        description="as in Kubernetes\n"
        "Cluster: the entry node may choose any endpoint, and masquerades. Local: it chooses among its own; the load\n"
        "balancer only picks nodes that have one, but a nodePort client any node: one without drops the SYN.",
    )
    node_port: int | None = Field(None, description="30000 to 32767; allocated if left out")
    internal_traffic_policy: Literal["Cluster", "Local"] = Field(
        "Cluster",
        description="as in Kubernetes\nLocal: pods reach endpoints of their node only; without one, nothing answers.",
    )
    traffic_distribution: Literal["PreferClose", "PreferSameZone", "PreferSameNode"] | None = Field(
        None,
        description="which endpoints are preferred, as in Kubernetes\n"
        "PreferClose is PreferSameZone. Where zone or node has none, all are as good.",
    )
    session_affinity: Literal["None", "ClientIP"] = Field(
        "None", description="whether all connections of a client go to one endpoint, as each node remembers it"
    )
    session_affinity_timeout: AffinityTime = written("3h", description="how long that is remembered after the last")
    headless: bool = Field(
        False,
        description="whether it has no address (clusterIP None)\n"
        "Clients then connect to the pods' own addresses, in the order of a DNS answer, which is random.",
    )
    load_balancer_source_ranges: list[Network] = Field(
        default_factory=list, max_length=1000, description="who may come in by the load balancer; all if left out"
    )


class TrafficSection(Manner):
    """A named stream of requests, open loop by ``rate`` or closed loop by ``users``; or ``bulk``, ``datagrams`` or
    ``transactions``."""

    name: Label = Field(description="its name")
    from_: Reference = Field(
        alias="from",
        description="a workload (deployment/ns/name), pod/ns/name, node/name, external/name, or internet",
    )
    to: Reference = Field(description="svc/ns/name, pod/ns/name, external/name, or localhost")
    via: Way | None = Field(
        None,
        description="how sources outside the cluster come in\n"
        "loadBalancer: as cluster.loadBalancer says, under externalTrafficPolicy Local to nodes with an endpoint.\n"
        "nodePort: the client picks any node at random for each connection; under Local a node without an endpoint\n"
        "drops the SYN (no-endpoint), and the client retries there after 1 s, 3 s, 7 s. hostPort: to a node that the\n"
        "pod is on. pods: to the pod's own address, which the network must have routes to. ingress/ns/name and\n"
        "httpRoute/ns/name: through the ingress controller, by the rule that leads to the Service in `to`.\n"
        "kubectlProxy and portForward: through the API server.",
    )
    host: Hostname | None = Field(None, description="host name that is asked for, with via: ingress and httpRoute")
    path: HttpPath | None = Field(None, description="path that is asked for, such as /cart, likewise")
    cidr: Network | None = Field(
        None,
        description="addresses of internet clients, for loadBalancerSourceRanges; if left out they are let in",
    )
    port: Port | None = Field(None, description="port to call; the target's first port if left out")
    rate: RateSection | None = Field(None, description="requests per second, or stages of it (open loop)")
    arrivals: Literal["poisson", "constant"] = Field("poisson", description="spacing of requests at a rate")
    users: int | None = Field(
        None, ge=1, le=1_000_000, description=f"users who wait for answers (closed loop)\n{_SPREAD}"
    )
    think_time: TimeLaw = written("0", description=f"pause of a user between answer and next request\n{_SPREAD}")
    bulk: BulkSection | None = Field(None, description="TCP streams that send all they can, as iperf3's")
    datagrams: DatagramSection | None = Field(None, description="UDP streams, as iperf3 -u sends them")
    transactions: TransactionSection | None = Field(
        None, description="processes that ask again as soon as they are answered, as netperf's TCP_RR and TCP_CRR"
    )
    request: SizeLaw = written("1KiB", description="request size; of transactions 1B if left out")
    response: SizeLaw = written("1KiB", description="response size; of transactions 1B if left out")
    rtt: TimeLaw | None = written(
        "0",
        "round trip between an internet client and the cluster; half of it each way\n"
        "Left out, clients stand right before the cluster. Nothing limits the bandwidth of a client.",
    )
    clients: int = Field(64, ge=1, le=100_000, description="client machines of an internet source")
    start: Time = written("0", description="when it starts")

    @model_validator(mode="after")
    def _one_load(self) -> "TrafficSection":
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            what = f"not {' and '.join(given)} together" if given else "and has none"
            raise UnitError(f"needs one of {', '.join(KINDS)}, {what}", "rate is an open loop, users a closed one.")
        return self
