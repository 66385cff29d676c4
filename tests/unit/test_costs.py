"""The cost profile: complete, sourced, strictly read, and true to the measurements that it was taken from."""

from math import exp, log
from pathlib import Path
from statistics import NormalDist

import pytest

from netsim import cni, costs, proxy
from netsim.costs import reader
from netsim.errors import UsageError
from netsim.model import stages
from netsim.model.datapath import DataPath, Stage
from netsim.model.law import Law, Shape
from netsim.model.sync import Sync

PROFILE = costs.load()
WIRE = 900_000  # ps: two NICs and a cable, back to back
RULES = {proxy.load(name).translation(proxy.load(name).Config()).rule for name in proxy.names()} - {None}
PATHS = [module.data_path(config) for module in map(cni.load, cni.names()) for config in module.variants()]
SCREENED = {entry for path in PATHS if path.policing for entry in path.policing.entries}
SYNCS = {entry for name in proxy.names() for entry, _ in proxy.load(name).sync(Sync(1, 1, 1, 1, 1))}


def test_every_stage_has_an_entry_and_every_entry_is_used() -> None:
    assert set(PROFILE.stages) == set(stages.CATALOGUE) | RULES | SYNCS | SCREENED


def test_the_catalogue_has_every_stage_of_the_module() -> None:
    found = {value.name for value in vars(stages).values() if isinstance(value, Stage)}
    assert set(stages.CATALOGUE) == found


def test_every_stage_is_crossed_by_somebody() -> None:
    """Those that lowering adds to every path aside, each stage belongs to a CNI or to a proxy mode."""
    ends = {"socket-send", "socket-receive", "tcp-receive", "tcp-connect", "tcp-accept", "tcp-finish"}
    ends |= {"ack-send", "ack-receive", "datagram-send", "datagram-receive", "udp-deliver"}
    common = {*ends, "loopback", "qdisc", "nic-transmit", "nic-receive", "lb-forward", "tls-client", "tls-server"}
    common |= {stages.POLICY_EGRESS.name, stages.POLICY_INGRESS.name}
    common |= {"gso-segment", "rps-steer", "rps-backlog", *stages.SOFTWARE.values()}
    crossed = {
        stage.name
        for module in map(cni.load, cni.names())
        for config in module.variants()
        for piece in pieces(module.data_path(config))
        for stage in piece
    }
    for module in map(proxy.load, proxy.names()):
        translation = module.translation(module.Config())
        crossed |= {translation.stage.name, translation.masquerade.name}
        crossed |= {stage.name for stage in (*translation.forward, *translation.reply)}
        crossed |= {translation.miss.name} if translation.miss else set()
    assert crossed | common == set(stages.CATALOGUE)


def pieces(path: DataPath) -> list[tuple[Stage, ...]]:
    values = [getattr(path, name) for name in DataPath.__dataclass_fields__]
    for way in filter(None, (path.direct_return, path.to_gateway)):
        values += [way.sent, way.received]
    return [value for value in values if isinstance(value, tuple) and value and isinstance(value[0], Stage)]


@pytest.mark.parametrize("name", sorted(PROFILE.stages))
def test_entries_say_where_they_come_from(name: str) -> None:
    cost = PROFILE.stage(name)
    assert min(cost.per_burst, cost.per_frame, cost.per_byte, cost.per_wakeup) >= 0
    assert cost.per_burst + cost.per_frame > 0
    assert cost.hardware
    assert cost.kernel
    assert cost.confidence in ("measured", "derived", "secondary", "assumed")
    assert cost.source.startswith("assumed") == (cost.confidence == "assumed")
    assert cost.jitter in PROFILE.jitter


@pytest.mark.parametrize("name", sorted(PROFILE.jitter))
def test_jitter_has_mean_one(name: str) -> None:
    law = PROFILE.jitter[name]
    assert law.shape is Shape.LOGNORMAL
    low, high = law.parameters
    spread = log(high / low) / NormalDist().inv_cdf(0.99)
    assert low / 65536 * exp(spread**2 / 2) == pytest.approx(1, abs=0.005)


def one_way(plugin: str, **settings: object) -> int:
    """ps from socket to socket for one byte between idle hosts, back to back, established, without jitter."""
    module = cni.load(plugin)
    path = module.data_path(module.Config(**settings))
    sent = (stages.SOCKET_SEND, *path.pod_out, *path.egress, stages.QDISC, stages.NIC_TRANSMIT)
    received = (stages.NIC_RECEIVE, *path.ingress, *path.pod_in, stages.TCP_RECEIVE, stages.SOCKET_RECEIVE)
    crossed = [PROFILE.stage(stage.name) for stage in (*sent, *received) if not stage.first_packet]
    work = sum(cost.per_burst + cost.per_frame + cost.per_byte // 1000 + cost.per_wakeup for cost in crossed)
    return work + 2 * PROFILE.idle_exit + WIRE  # the core of the interrupt and the core of the thread


@pytest.mark.parametrize(
    ("measured", "plugin", "settings"),
    [
        (20.901, "host", {}),
        (22.095, "cilium", {"routing": "native"}),
        (29.367, "cilium", {"routing": "native", "hostRouting": "legacy"}),
    ],
)
def test_calibration_rows_are_met(measured: float, plugin: str, settings: dict[str, object]) -> None:
    """Cilium CNI benchmark 2021, TCP_RR 1, in us: what veth, route, filter and wake-ups rest on."""
    assert 2 * one_way(plugin, **settings) / 1e6 == pytest.approx(measured, rel=0.01)


def test_datagrams_cost_what_the_measurements_say() -> None:
    """Linux commit bec1f6f69736: 4,485 cycles for a datagram of 1,470 B; cpumap02: 1,557 to receive one of 18 B."""
    sent = [PROFILE.stage(name) for name in ("datagram-send", "qdisc", "nic-transmit")]
    work = sum(cost.per_burst + cost.per_frame + cost.per_byte * 1470 // 1000 for cost in sent)
    assert work * 3.8 / 1000 == pytest.approx(4485, rel=0.002)
    received = PROFILE.stage("datagram-receive")
    assert (received.per_burst + received.per_byte * 18 // 1000) * 3.8 / 1000 == pytest.approx(1557, rel=0.002)


def test_cutting_by_the_kernel_costs_what_the_measurement_says() -> None:
    """Linux commit bec1f6f69736: 63,780 cycles more for a message of 61,818 B with GSO than with TSO."""
    each = PROFILE.stage("gso-segment").per_frame + PROFILE.stage("nic-transmit").per_burst
    assert (61_818 / 1448 - 1) * each * 3.8 / 1000 == pytest.approx(63_780, rel=0.01)


def test_what_acknowledgements_cost_is_not_paid_twice() -> None:
    """Cai et al. SIGCOMM'21: 2,569 cycles at the sender and 5,604 at the receiver for a frame, every second of which
    is acknowledged; system calls of 150 ns on top, and no device."""
    sender = PROFILE.stage("socket-send").per_burst - 150_000 + PROFILE.stage("ack-receive").per_burst / 2
    assert sender * 3.8 / 1000 == pytest.approx(2569, rel=0.002)
    received = PROFILE.stage("tcp-receive").per_burst + PROFILE.stage("socket-receive").per_burst - 100_000
    receiver = received + PROFILE.stage("ack-send").per_burst / 2
    assert receiver * 3.8 / 1000 == pytest.approx(5604, rel=0.002)


def test_order_that_engineers_expect() -> None:
    """On small messages between idle nodes, from the stages alone."""
    times = [
        one_way("host"),
        one_way("cilium", routing="native"),
        one_way("calico", encapsulation="None"),
        one_way("calico", encapsulation="VXLAN"),
        one_way("flannel", backend="vxlan"),
    ]
    assert times == sorted(times)
    assert one_way("flannel", backend="udp") > times[-1] + 10_000_000
    assert one_way("weave", mode="sleeve") > one_way("weave") + 10_000_000
    assert one_way("flannel", backend="host-gw") < one_way("flannel", backend="ipip") < times[-1]


def test_weave_is_about_five_microseconds_slower_than_host() -> None:
    """Slim NSDI'19: 20.9 against 11.3 us, which is 4.8 us each way, or 9.6 us if it is one way already."""
    slower = (one_way("weave") - one_way("host")) / 1e6
    assert 4.8 * 0.8 < slower < 9.6


def test_unknown_profile() -> None:
    assert costs.names() == ("linux",)
    with pytest.raises(UsageError, match=r"There is no cost profile 'linus'. Did you mean 'linux'\?"):
        costs.load("linus")


GOOD = """stages:
  veth:
    perBurst: 400ns
    perByte: 0.103ns
    source: 'assumed: x'
    confidence: assumed
"""


def read(tmp_path: Path, text: str) -> reader.Entry:
    path = tmp_path / "costs.yaml"
    path.write_text(text)
    return reader.read(path).child("stages").child("veth")


def test_numbers_are_exact(tmp_path: Path) -> None:
    entry = read(tmp_path, GOOD)
    assert (entry.duration("perBurst"), entry.femtoseconds("perByte")) == (400_000, 103_000)
    assert entry.duration("perFrame", "0") == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("400ns", "400", "costs.yaml:3: perBurst: '400' is not a duration"),
        ("0.103ns", "0.1us", "costs.yaml:3: perByte is '0.1us', must be a plain number"),
        (
            "0.103ns",
            "0.0000001ns",
            "costs.yaml:3: perByte is '0.0000001ns', must be in ns with at most six decimals",
        ),
        ("0.103ns", "0.103", "costs.yaml:3: perByte is '0.103', must be in ns"),
        (
            "confidence: assumed",
            "confidence: certain",
            "must be one of measured, derived, secondary, assumed",
        ),
        ("'assumed: x'", "''", "costs.yaml:3: source must be a text"),
        ("perByte", "perBurst", "line 4: keys must be different words"),
        ("confidence", "confidense", "confidence is missing"),
        ("    source", "    flavour: red\n    source", "costs.yaml:3: unknown keys: flavour"),
        ("assumed: x", "I measured it", "confidence and source must both say assumed, or neither"),
    ],
)
def test_saboteur_mistakes_in_a_profile_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    law = Law(Shape.LOGNORMAL, (1, 1))
    head = "profile:\n  hardware: a\n  kernel: b\n"
    path = tmp_path / "head.yaml"
    path.write_text(head)
    with pytest.raises(ValueError, match=message):
        costs._cost(
            read(tmp_path, GOOD.replace(old, new)), reader.read(path).child("profile"), {"kernel": law}
        )
