"""Loads: bulk transfers, datagrams and transactions of a scenario file become those of the model, or are refused."""

from pathlib import Path

import pytest

from netsim.errors import ScenarioError
from netsim.model import law
from netsim.model.cluster import Scenario, Traffic
from netsim.model.load import Bulk, Datagrams, Transactions
from netsim.model.transport import Connections
from netsim.scenario import load

MS = 10**9


def written(load_: str, ends: str = "from: pod/client, to: pod/server", spec: str = "", node: str = "") -> str:
    """A scenario file with one stream of traffic."""
    return f"""apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {{name: x}}
spec:
  run: {{duration: 100ms}}
  cluster:
    nodePools: [{{name: n, count: 2{node}}}]
    externals: [{{name: db, mtu: 9000}}]
{spec}  workloads:
  - {{target: pod/client, node: n-0, containers: [{{name: a, ports: [1]}}, {{name: b, ports: [2]}}]}}
  - {{target: pod/server, node: n-1, ports: [80]}}
  - {{target: deployment/many, replicas: 4, ports: [80]}}
  services:
  - {{name: many, selector: deployment/many, type: LoadBalancer}}
  traffic:
  - {{name: t, {ends}, {load_}}}
"""


def scenario(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "s.yaml"
    path.write_text(text)
    [only] = load(path).variants
    return only


def stream(tmp_path: Path, load_: str, ends: str = "from: pod/client, to: pod/server", spec: str = "") -> Traffic:
    [traffic] = scenario(tmp_path, written(load_, ends, spec)).traffic
    return traffic


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        scenario(tmp_path, text)
    return str(raised.value).removeprefix(str(tmp_path / "s.yaml"))


BULKS = {
    "{}": (Bulk(1, None), 0),
    "{streams: 8}": (Bulk(8, None), 0),
    "{streams: 2, size: 20GiB}": (Bulk(2, None), 20 << 30),
    "{duration: 50ms}": (Bulk(1, 50 * MS), 0),
}


@pytest.mark.parametrize("text", BULKS)
def test_bulk(text: str, tmp_path: Path) -> None:
    traffic = stream(tmp_path, f"bulk: {text}")
    assert (traffic.load, traffic.call.request) == (BULKS[text][0], law.constant(BULKS[text][1]))
    assert (traffic.call.response, traffic.call.connections.mode) == (law.constant(0), "perRequest")


def test_sizes_without_a_unit_are_bytes_as_everywhere(tmp_path: Path) -> None:
    assert stream(tmp_path, "bulk: {size: 1000}").call.request == law.constant(1000)
    assert stream(tmp_path, "rate: 1k/s, request: 64").call.request == law.constant(64)
    assert "'5' is not a duration" in refusal(tmp_path, written("bulk: {duration: 5}"))


def test_clients_of_the_internet_are_near_unless_told(tmp_path: Path) -> None:
    ends = "from: internet, via: loadBalancer, to: svc/many"
    assert stream(tmp_path, "bulk: {}", ends).travel is None
    assert stream(tmp_path, "bulk: {}, rtt: 20ms", ends).travel == law.constant(10 * MS)


def test_datagrams_keep_their_pace(tmp_path: Path) -> None:
    traffic = stream(tmp_path, "datagrams: {streams: 3, size: 1250B, rate: 1Gbit, duration: 5ms}")
    assert traffic.load == Datagrams(3, 10 * 10**6, 5 * MS)  # 10,000 bits at 1 bit/ns
    assert traffic.call.request == law.constant(1250)


def test_pace_is_never_faster_than_its_rate(tmp_path: Path) -> None:
    load_ = stream(tmp_path, "datagrams: {size: 100B, rate: 3Mbit}").load
    assert isinstance(load_, Datagrams)
    assert load_.interval == 266_666_667


SIZES = {
    "from: pod/client, to: pod/server": 1450 - 52,
    "from: node/n-0, to: pod/server": 1450 - 52,
    "from: pod/client, to: svc/many": 1450 - 52,
    "from: pod/client, to: external/db": 1450 - 52,
    "from: node/n-0, to: external/db": 1500 - 52,
    "from: pod/client, to: localhost, port: 2": 65_535 - 52,
}


@pytest.mark.parametrize("ends", SIZES)
def test_datagrams_without_size_are_as_segments(ends: str, tmp_path: Path) -> None:
    """flannel's VXLAN takes 50 bytes of 1500; IP, TCP and its timestamps take 52."""
    assert stream(tmp_path, "datagrams: {}", ends).call.request == law.constant(SIZES[ends])


@pytest.mark.parametrize(("cni", "most"), [("{plugin: flannel}", 1422), ("{plugin: host}", 1472)])
def test_datagrams_are_not_fragmented(cni: str, most: int, tmp_path: Path) -> None:
    for size in (most, most + 1):
        text = written(f"datagrams: {{size: {size}B}}", spec=f"  cni: {cni}\n")
        if size == most:
            assert scenario(tmp_path, text).traffic[0].call.request == law.constant(most)
        else:
            assert f" is {most + 28}: at most {most} bytes." in refusal(tmp_path, text)


def test_transactions(tmp_path: Path) -> None:
    kept = stream(tmp_path, "transactions: {processes: 64}")
    assert kept.load == Transactions(64, connect=False)
    assert (kept.call.request, kept.call.response) == (law.constant(1), law.constant(1))
    assert kept.call.connections == Connections("pooled", limit=64)
    opened = stream(tmp_path, "transactions: {connect: true}, request: 64B, response: 1KiB")
    assert opened.load == Transactions(1, connect=True)
    assert (opened.call.request, opened.call.response) == (law.constant(64), law.constant(1024))
    assert opened.call.connections == Connections("perRequest", closed_by="server")


@pytest.mark.parametrize("load_", ["bulk: {}", "datagrams: {rate: 1Mbit}", "transactions: {}"])
@pytest.mark.parametrize("source", ["internet", "external/db"])
def test_from_outside(source: str, load_: str, tmp_path: Path) -> None:
    traffic = stream(tmp_path, load_, f"from: {source}, to: svc/many, via: nodePort")
    assert (traffic.source, traffic.via) == (source, "nodePort")
    assert "'via' is missing" in refusal(tmp_path, written(load_, f"from: {source}, to: svc/many"))


def test_an_external_machine_has_cores_that_hold_it_back(tmp_path: Path) -> None:
    assert stream(tmp_path, "datagrams: {}", "from: external/db, to: svc/many, via: loadBalancer").load == Datagrams()
    text = written("datagrams: {}", "from: internet, to: svc/many, via: loadBalancer")
    assert "datagrams from the internet need a rate" in refusal(tmp_path, text)


MISPLACED = [
    ("bulk: {}", "request: 1KiB", "Write bulk.size."),
    ("bulk: {}", "arrivals: constant", "Leave it out."),
    ("datagrams: {}", "response: 1KiB", "Nothing is answered."),
    ("transactions: {}", "connections: {mode: pooled}", "transactions.connect says"),
    ("rate: 1/s", "thinkTime: 1ms", "Write users for people who wait and think."),
    ("users: 1", "arrivals: poisson", "Leave it out."),
]


@pytest.mark.parametrize(("load_", "more", "hint"), MISPLACED)
def test_fields_of_another_kind_are_refused(load_: str, more: str, hint: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, written(f"{load_}, {more}"))
    field, kind = more.partition(":")[0], load_.partition(":")[0]
    assert said.startswith(":16:")
    assert f"traffic.t.{field}: {field} does not go with {kind}. {hint}" in said


def test_streams_are_dealt_out_to_the_clients(tmp_path: Path) -> None:
    few = ', sysctls: {net.ipv4.ip_local_port_range: "40000 40001"}'
    assert "3 streams are more than the 2 ports" in refusal(tmp_path, written("bulk: {streams: 3}", node=few))
    ends = "from: deployment/many, to: pod/server"
    assert scenario(tmp_path, written("bulk: {streams: 8}", ends, node=few)).traffic[0].load == Bulk(8)
    assert "3 streams" in refusal(tmp_path, written("bulk: {streams: 9}", ends, node=few))


def test_no_more_datagrams_than_can_be_simulated(tmp_path: Path) -> None:
    said = refusal(tmp_path, written("datagrams: {streams: 100, size: 1B, rate: 1Gbit}"))
    assert "this rate makes 1,250,000,000 datagrams" in said
