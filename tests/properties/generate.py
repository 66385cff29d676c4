"""Random scenarios: every CNI mode, way in, use of connections and size, on clusters small enough to overflow."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from netsim import cni
from tests.documents import Document, document
from tests.properties.manners import DNS, RELAYED, message, one_of

CNIS = [config.model_dump() for name in cni.names() for config in cni.load(name).variants()]
TIME_LAWS = [
    "0",
    "3us",
    {"dist": "exponential", "mean": "40us"},
    {"dist": "lognormal", "median": "20us", "p99": "300us"},
]


def offloads(draw: Callable[..., Any]) -> Document:
    """What all NICs of a cluster have in common; mostly all that there is."""
    found = {"tunnelOffload": draw(st.booleans())}
    if draw(one_of(False, False, True)):
        found |= {name: draw(st.booleans()) for name in ("tso", "gso", "gro", "rps")}
        if draw(st.booleans()):
            found["bigTcp"] = "192KiB"
    return found


def sockets(draw: Callable[..., Any]) -> Document:
    """How TCP behaves."""
    return {
        "congestionControl": draw(one_of("cubic", "reno", "dctcp")),
        "initialWindow": draw(one_of(1, 2, 10, 1000)),
        "receiveWindow": draw(one_of("9004B", "64KiB", "3MiB")),
        "delayedAck": draw(one_of("0", "1ms", "40ms")),
        "lossDetection": draw(one_of("rack", "dupack")),
        "slowStartAfterIdle": draw(st.booleans()),
        "hystart": draw(st.booleans()),
        "pathMtuDiscovery": draw(st.booleans()),
    }


@st.composite
def pools(draw: Callable[..., Any]) -> list[Document]:
    """One or two pools of one or two nodes each, in one subnet or two."""
    mtu = draw(one_of(1500, 9004))
    common = offloads(draw)
    found = []
    for name, subnet in (("a", "x"), ("b", draw(one_of("x", "y"))))[: draw(st.integers(1, 2))]:
        nic = {
            "bandwidth": draw(one_of("100Mbit", "1Gbit", "10Gbit")),
            "mtu": mtu,
            "ring": draw(one_of(16, 64, 1024)),
            "queues": draw(one_of(1, 2, 8)),
            "interruptModeration": draw(one_of("off", "off", "adaptive", "15us")),
            **common,
        }
        pool = {
            "name": name,
            "count": draw(st.integers(1, 2)),
            "subnet": subnet,
            "nics": [nic],
            "capacity": {"cpu": draw(one_of("1", "2", "4"))},
            "cpuSpeed": draw(one_of("50%", "100%", "130%")),
        }
        if draw(one_of(False, False, True)):
            pool["sysctls"] = {
                "net.netfilter.nf_conntrack_max": draw(one_of(1, 5, 40)),
                "net.ipv4.ip_local_port_range": draw(one_of("32768 60999", "40000 40040")),
                "net.core.rmem_default": draw(one_of(4_608, 212_992)),
                "net.core.netdev_max_backlog": draw(one_of(3, 1000)),
            }
        found.append(pool)
    return found


@st.composite
def fabrics(draw: Callable[..., Any]) -> Document:
    """One switch, or leaves and spines, with buffers of a few frames or many, and cables that may lose some."""
    losses = one_of("0%", "0%", "0.1%", "5%", "20%", "40%")
    wire: Document = {"cableLoss": draw(losses), "mtu": draw(one_of(9216, 9216, 1400))}
    if draw(st.booleans()):
        wire["ecnThreshold"] = draw(one_of("1B", "3kB"))
    if draw(st.booleans()):
        return {"topology": "flat", "portBuffer": draw(one_of("3100B", "10kB", "40kB", "1MiB")), **wire}
    uplink = {"bandwidth": draw(one_of("1Gbit", "100Gbit")), "buffer": draw(one_of("10kB", "16MiB"))}
    return {"topology": "leaf-spine", "leaves": 2, "spines": draw(st.integers(1, 3)), "leafUplink": uplink, **wire}


WAYS = (
    {"from": "pod/one", "to": "pod/two"},
    {"from": "pod/one", "to": "svc/web"},
    {"from": "pod/two", "to": "svc/one"},
    {"from": "pod/one", "to": "localhost", "port": 81},
    {"from": "pod/two", "to": "external/far"},
    {"from": "node/a-0", "to": "external/far"},
    {"from": "node/a-0", "to": "svc/web"},
    {"from": "pod/hosted", "to": "svc/web"},
    {"from": "internet", "to": "svc/web", "via": "loadBalancer", "rtt": "2ms"},
    {"from": "internet", "to": "svc/web", "via": "nodePort", "clients": 3},
    {"from": "external/far", "to": "svc/web", "via": "nodePort"},
    {"from": "external/far", "to": "svc/web", "via": "loadBalancer"},
    {"from": "internet", "to": "svc/web", "via": "kubectlProxy", "clients": 2},
    {"from": "external/far", "to": "pod/one", "via": "portForward"},
)


def sent(draw: Callable[..., Any], way: Document) -> Document:
    """Bulk data, datagrams or transactions."""
    kind = draw(one_of("bulk", "datagrams", "transactions"))
    kind = "transactions" if way.get("via") in RELAYED else kind
    count = draw(st.integers(1, 3))
    if kind == "bulk":
        times = [{"duration": time} for time in ("300us", "1ms")]
        limit = draw(one_of({}, {"size": "1B"}, {"size": "2MB"}, *times))
        return {"bulk": {"streams": count, **limit}}
    if kind == "datagrams":
        fast = {} if way["from"] != "internet" and draw(st.booleans()) else {"rate": draw(one_of("1Mbit", "300Mbit"))}
        limit = {"duration": "1ms"} if draw(st.booleans()) or not fast else {}
        return {"datagrams": {"streams": count, "size": draw(one_of("1B", "100B", "1200B")), **fast, **limit}}
    return {"transactions": {"processes": count, "connect": draw(st.booleans())}}


@st.composite
def streams(draw: Callable[..., Any]) -> list[Document]:
    """One to four streams of different ways, open or closed."""
    ways = draw(st.lists(st.sampled_from(range(len(WAYS))), min_size=1, max_size=4, unique=True))
    found = []
    for way in ways:
        load = draw(
            one_of(
                {"rate": "400/s"},
                {"rate": "3k/s", "arrivals": "constant"},
                {"rate": "20k/s"},
                {"users": 3},
                {"users": 2, "thinkTime": {"dist": "exponential", "mean": "500us"}, "start": "1ms"},
                {"rate": {"stages": [{"duration": "1ms", "target": "1k/s"}, {"duration": "1ms", "target": "9k/s"}]}},
            )
        )
        if draw(one_of(False, False, True)) and WAYS[way]["to"] != "localhost":
            found.append({"name": f"t{way}", **WAYS[way], **sent(draw, WAYS[way])})
        else:
            found.append({"name": f"t{way}", **WAYS[way], **load, **message(draw, WAYS[way])})
    return found


def called(draw: Callable[..., Any], target: str) -> Document:
    """A call of the workload web."""
    return {"to": target, **message(draw, {"from": "deployment/web", "to": target})}


@st.composite
def workloads(draw: Callable[..., Any]) -> list[Document]:
    """Pods that serve, call each other, and compute."""
    times = st.sampled_from(TIME_LAWS)
    calls = [
        [],
        [called(draw, "svc/db")],
        [{"to": "svc/db"}, {"probability": "50%", **called(draw, "external/far")}],
        [{"parallel": [called(draw, "svc/db"), {"to": "svc/db"}, {"to": "svc/db", "probability": "30%"}]}],
    ]
    nodes = one_of("a-0", "a-0", None)
    two = {"containers": [{"name": "main", "ports": [80]}, {"name": "side", "ports": [81]}]}
    found = [
        {"target": "pod/one", **two, "node": draw(nodes), "concurrency": draw(one_of(1, 64))},
        {
            "target": "pod/two",
            "ports": [80],
            "node": draw(nodes),
            "cpuTime": draw(times),
            "concurrency": draw(one_of(1, 8)),
        },
        {"target": "pod/hosted", "node": draw(nodes)},
        {
            "target": "deployment/web",
            "replicas": draw(st.integers(1, 3)),
            "ports": [80],
            "serviceTime": draw(times),
            "cpuTime": draw(times),
            "concurrency": draw(one_of(1, 64)),
            "calls": draw(st.sampled_from(calls)),
        },
        {
            "target": "deployment/db",
            "replicas": draw(st.integers(1, 2)),
            "ports": [90],
            "serviceTime": draw(times),
            "concurrency": draw(one_of(1, 64)),
        },
        {"target": "deployment/kube-system/coredns", "replicas": 2, "ports": [53], "cpuTime": draw(times)},
    ]
    return [{key: value for key, value in one.items() if value is not None} for one in found]


@st.composite
def balancers(draw: Callable[..., Any]) -> Document:
    """What gives Services an address: a machine, or the nodes themselves."""
    kind = draw(one_of("passthrough", "passthrough", "metallb-l2", "metallb-bgp"))
    if kind != "passthrough":
        return {"kind": kind}
    strategy = draw(one_of("source_hash", "round_robin", "least_connections"))
    return {"servers": draw(one_of(1, 8)), "strategy": strategy}


@st.composite
def scenarios(draw: Callable[..., Any]) -> Document:
    """A whole scenario file."""
    policy = draw(one_of("Cluster", "Local"))
    web = {
        "name": "web",
        "selector": "deployment/web",
        "port": 80,
        "type": "LoadBalancer",
        "protocol": "both",
        "externalTrafficPolicy": policy,
    }
    cluster = {
        "nodePools": draw(pools()),
        "externals": [{"name": "far", "cores": draw(one_of("1", "8")), "latency": draw(one_of("0", "100us", "5ms"))}],
        "loadBalancer": draw(balancers()),
    }
    if draw(one_of(False, True)):
        gateway = {"name": "out", "nodes": ["a-0"], "workloads": ["pod/two", "deployment/web"]}
        cluster["egressGateways"] = [gateway]
    run = {
        # A lost frame is missed after 200 ms, a lost SYN after 1 s: most runs end before, some see what comes then.
        "duration": draw(one_of("2ms", "5ms", "10ms", "1300ms", "1300ms")),
        "warmup": "0",
        "seed": draw(st.integers(0, 2**62 - 1)),
        "quantum": draw(one_of(1, 8, 64, draw(st.integers(1, 64)))),
    }
    spec = {
        "run": run,
        "cluster": cluster,
        "fabric": draw(fabrics()),
        "transport": sockets(draw) if draw(st.booleans()) else {},
        "cni": draw(st.sampled_from(CNIS)),
        "workloads": draw(workloads()),
        "services": [
            web,
            {"name": "db", "selector": "deployment/db", "port": 90, "protocol": "both"},
            {"name": "one", "selector": "pod/one", "port": 80, "protocol": "both"},
            {"name": DNS, "selector": "deployment/kube-system/coredns", "port": 53, "protocol": "both"},
        ],
        "traffic": draw(streams()),
    }
    if run["duration"] == "1300ms":
        for stream in spec["traffic"]:
            slower(stream)
    return document(spec)


def slower(stream: Document) -> None:
    """Few enough requests for a long run: a burst of them at the start, whose losses are repaired."""
    if "rate" in stream:
        stream["rate"] = {"stages": [{"duration": "4ms", "target": "10k/s"}, {"duration": "1290ms", "target": "20/s"}]}
        stream.pop("arrivals", None)
    elif "bulk" in stream:
        limit = {key: value for key, value in stream["bulk"].items() if key == "duration"}
        stream["bulk"] = {"streams": 2, **(limit or {"size": "600kB"})}
    elif "datagrams" in stream:
        stream["datagrams"] |= {"rate": "1Mbit"}
    else:
        if "transactions" in stream:
            stream["users"] = stream.pop("transactions")["processes"]
        stream["thinkTime"] = "20ms"
