"""What one bulk flow gets through: R (M - 52) / (M + E + 38) of a link, or 1 / (work per byte) of the busiest core."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from netsim.engines import run
from netsim.program import Entry, Program, Relation
from netsim.records import BINS, Records
from tests.documents import document, program
from tests.theory import goodput_ceiling

SECOND = 10**12
SHOT = 1_000_000_000  # bit/s x s: a run that would have the link carry this much lasts long enough for 0.1 %
FAST = "10000%"  # cores a hundred times as fast as the profile's: never in the way
WHOLE = 65_535  # bytes of a super-packet


def bulk(cni: dict[str, Any], gbit: int, mtu: int, speed: str, duration: str) -> Program:
    """One stream from a pod to a pod of another node."""
    nic = {"bandwidth": f"{gbit}Gbit", "mtu": mtu, "ring": 8192}
    return program(
        document(
            {
                "run": {"duration": duration, "warmup": "0", "seed": 1},
                "cluster": {"nodePools": [{"name": "n", "count": 2, "cpuSpeed": speed, "nics": [nic]}]},
                "cni": cni,
                "workloads": [
                    {"target": "pod/a", "node": "n-0"},
                    {"target": "pod/b", "node": "n-1", "ports": [5201]},
                ],
                "traffic": [{"name": "t", "from": "pod/a", "to": "pod/b", "bulk": {"streams": 1}}],
            }
        )
    )


def goodput(found: Program, records: Records) -> float:
    """bit/s of payload read in the second half of the run."""
    return float(records.progress.delivered[BINS // 2 :].sum() * 8 / (found.duration / 2 / SECOND))


# -- where the link is the limit -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrapping:
    """A CNI, the MTU of its pods by that of the NIC, and the bytes that it puts around every packet.

    Outer headers: IPIP 20 (RFC 2003), VXLAN 50 (RFC 7348), WireGuard 60 (IPv4 20, UDP 8, and 32 of its own) with the
    pod's packet padded to 16 bytes where that stays within its MTU, so never a full one.
    """

    name: str
    cni: dict[str, Any]
    pod_mtu: dict[int, int]
    overhead: int

    def __str__(self) -> str:
        return self.name


def weave(mtu: int) -> dict[str, Any]:
    """Weave with its own default, or the MTU that its manual gives for jumbo frames."""
    return {"plugin": "weave"} | ({"mtu": 8916} if mtu == 9000 else {})


WRAPPINGS = [
    Wrapping("none", {"plugin": "flannel", "backend": "host-gw"}, {1500: 1500, 9000: 9000}, 0),
    Wrapping("ipip", {"plugin": "flannel", "backend": "ipip"}, {1500: 1480, 9000: 8980}, 20),
    Wrapping("vxlan", {"plugin": "flannel", "backend": "vxlan"}, {1500: 1450, 9000: 8950}, 50),
    Wrapping("wireguard", {"plugin": "flannel", "backend": "wireguard"}, {1500: 1420, 9000: 8920}, 60),
    Wrapping("weave", {}, {1500: 1376, 9000: 8916}, 50),
]


@pytest.mark.parametrize("mtu", [1500, 9000])
@pytest.mark.parametrize("gbit", [10, 25, 100])
@pytest.mark.parametrize("wrapping", WRAPPINGS, ids=str)
def test_goodput_is_what_headers_leave_of_the_link(wrapping: Wrapping, gbit: int, mtu: int) -> None:
    found = bulk(wrapping.cni or weave(mtu), gbit, mtu, FAST, f"{max(20, SHOT // gbit // 10**6)}ms")
    pod = wrapping.pod_mtu[mtu]
    assert found.endpoints.mss[found.names.endpoints.index("default/b")] == pod - 52
    records = run(found)
    said = gbit * 10**9 * goodput_ceiling(pod, wrapping.overhead)
    ratio = goodput(found, records) / said
    print(f"{wrapping} {gbit} Gbit/s, MTU {mtu}: {ratio:.5f}")
    assert ratio == pytest.approx(1, rel=0.005)
    assert records.streams.timeouts[0] == 0


# -- where a core is the limit ---------------------------------------------------------------------------------------


def still(found: Program) -> Program:
    """The same without jitter, wake-ups and sleeping cores: work alone decides."""
    works, nodes = found.works, found.nodes
    nothing = np.zeros_like
    return replace(
        found,
        works=replace(works, jitter=np.full_like(works.jitter, -1), per_wakeup=nothing(works.per_wakeup)),
        nodes=replace(nodes, idle_exit=nothing(nodes.idle_exit)),
    )


def visits_of(found: Program, phase: str) -> range:
    """The rows of Visits of a path between the two pods."""
    kind = int(found.endpoints.kind[found.clients[0]])
    row = int(found.routes.index[Entry.DIRECT, kind, kind, Relation.SAME_SUBNET])
    path = int(getattr(found.routes, phase)[row])
    first = int(found.paths.first[path])
    return range(first, first + int(found.paths.visits[path]))


def work(found: Program, visit: int, frames: int, payload: int) -> float:
    """ps at nominal speed of one visit."""
    works, visits = found.works, found.visits
    rows = range(int(visits.first_work[visit]), int(visits.first_work[visit] + visits.works[visit]))
    return sum(
        int(works.per_burst[row] + works.per_frame[row] * frames) + int(works.per_byte[row]) * payload / 1000
        for row in rows
    )


def slowed(found: Program, name: str, factor: int) -> Program:
    """The visits of one name take ``factor`` times as long."""
    works, visits = found.works, found.visits
    rows = np.unique(
        [
            row
            for visit, title in enumerate(found.names.visits)
            if title == name
            for row in range(visits.first_work[visit], visits.first_work[visit] + visits.works[visit])
        ]
    )
    columns = {}
    for column in ("per_burst", "per_frame", "per_byte"):
        columns[column] = getattr(works, column).copy()
        columns[column][rows] *= factor
    return replace(found, works=replace(works, **columns))


STAGES = ["request.client.application", "request.server.receive", "request.server1.application"]


@pytest.mark.parametrize("name", STAGES)
def test_throughput_is_one_over_the_work_per_byte_of_the_busiest_core(name: str) -> None:
    """The sender's thread, the receiver's softirqs, or the receiver's thread; each made the slowest by a factor of 4.
    The receiver's softirq also sends an acknowledgement for each super-packet."""
    found = slowed(still(bulk({"plugin": "host"}, 100, 1500, "100%", "60ms")), name, 4)
    frames = (WHOLE - 52) // 1448
    payload = frames * 1448
    [visit] = [row for row in visits_of(found, "request") if found.names.visits[row] == name]
    total = work(found, visit, frames, payload)
    if name.endswith("receive"):
        answer = visits_of(found, "ack_back")[0]
        total += work(found, answer, 1, 0)
    records = run(found)
    ratio = goodput(found, records) / (payload * 8 / (total / SECOND))
    print(f"{name}: {ratio:.4f}")
    assert ratio == pytest.approx(1, rel=0.01)


def test_saboteur_a_byte_of_overhead_in_forty_is_seen() -> None:
    """WireGuard's overhead taken for IPIP's is outside of the bound."""
    assert goodput_ceiling(1420, 60) / goodput_ceiling(1420, 20) < 0.995


