"""Observed traffic: what Hubble, Istio and VPC flow logs become, and what they cannot."""

import gzip
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from netsim.errors import ScenarioError
from netsim.importing import Imported, Request, bring_in, inputs
from netsim.importing.inputs import Input
from tests.unit.importing.kubernetes import Data, as_json, pod, shop, spec_of

WEB, CART = pod("web", 1, "alpha"), pod("cart", 2, "beta")


def address(of: Data) -> str:
    found: str = of["status"]["podIP"]
    return found


def observed(folder: Path, kind: str, content: str | bytes, **options: Any) -> Imported:
    dump, log = folder / "dump.json", folder / "flows"
    dump.write_text(as_json(shop()))
    log.write_bytes(content if isinstance(content, bytes) else content.encode())
    return bring_in(Request(inputs([str(dump)]), [(kind, Input("flows", log))], **options))


def streams(made: Imported) -> list[Data]:
    assert made.problems == []
    found: list[Data] = spec_of(made)["traffic"]
    return found


def refused(folder: Path, kind: str, content: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        observed(folder, kind, content)
    return str(caught.value)


# -- Hubble -----------------------------------------------------------------------------------------------------------


def end(of: Data | None) -> Data:
    if of is None:
        return {"identity": 2, "labels": ["reserved:world"]}
    return {"namespace": of["metadata"]["namespace"], "pod_name": of["metadata"]["name"], "labels": ["k8s:app=x"]}


def flow(second: float, source: Data | None, target: Data, source_port: int = 40_000, **more: Any) -> Data:
    whole, part = divmod(round(second * 10**9), 10**9)
    return {
        "time": f"2026-01-02T03:04:{whole:02d}.{part:09d}Z",
        "verdict": "FORWARDED",
        "IP": {"source": address(source) if source else "198.51.100.7", "destination": address(target)},
        "l4": {"TCP": {"source_port": source_port, "destination_port": 8080, "flags": {"SYN": True}}},
        "source": end(source),
        "destination": end(target),
        "Type": "L3_L4",
        **more,
    }


def lines(*flows: Data, wrapped: bool = False) -> str:
    return "".join(json.dumps({"flow": one} if wrapped else one) + "\n" for one in flows)


@pytest.mark.parametrize("wrapped", [False, True])
def test_hubble_counts_connections_once(wrapped: bool, tmp_path: Path) -> None:
    twice = [flow(second, WEB, CART, port) for port in (40_000, 40_001) for second in (0, 0.1)]
    reply = flow(1, CART, WEB, 8080, is_reply=True)
    established = flow(
        2, WEB, CART, 40_009, l4={"TCP": {"source_port": 1, "destination_port": 8080, "flags": {"ACK": True}}}
    )
    made = observed(tmp_path, "hubble", lines(*twice, reply, established, flow(10, WEB, CART, 40_002), wrapped=wrapped))
    [stream] = streams(made)
    assert stream == {
        "name": "web-to-cart",
        "from": "deployment/shop/web",
        "to": "svc/shop/cart",
        "rate": "0.3/s",
        "request": "1KiB",
        "response": "1KiB",
        "connections": {"mode": "perRequest"},
    }


def test_hubble_prefers_requests(tmp_path: Path) -> None:
    asked = [flow(second, WEB, CART, l7={"type": "REQUEST", "http": {"method": "GET"}}) for second in range(6)]
    answered = flow(5, CART, WEB, l7={"type": "RESPONSE"}, is_reply=True)
    [stream] = streams(observed(tmp_path, "hubble", lines(flow(0, WEB, CART), *asked, answered)))
    assert stream["rate"] == "1.2/s"
    assert "connections" not in stream


def test_hubble_from_outside(tmp_path: Path) -> None:
    [stream] = streams(observed(tmp_path, "hubble", lines(flow(0, None, WEB), flow(1, None, WEB, 40_001))))
    assert (stream["from"], stream["to"], stream["via"]) == ("internet", "svc/shop/web", "loadBalancer")


def test_hubble_tells_what_it_left_out(tmp_path: Path) -> None:
    dropped = flow(1, WEB, CART, verdict="DROPPED")
    datagram = flow(1, WEB, CART, l4={"UDP": {"source_port": 1, "destination_port": 53}})
    stranger = flow(1, WEB, pod("other", 3, "x"), destination={"namespace": "a", "pod_name": "b"})
    inner = flow(1, None, CART, 7)
    made = observed(
        tmp_path, "hubble", lines(flow(0, WEB, CART), dropped, datagram, stranger, inner, flow(2, WEB, CART))
    )
    left = [line for line in made.told if line.startswith("traffic: left out")]
    assert left == [
        "traffic: left out: 1 from outside to what nobody outside reaches",
        "traffic: left out: 1 not TCP",
        "traffic: left out: 1 not forwarded (dropped)",
        "traffic: left out: 1 to an unknown destination",
    ]


def test_hubble_in_gzip_and_scaled(tmp_path: Path) -> None:
    content = gzip.compress(lines(flow(0, WEB, CART), flow(1, WEB, CART, 2)).encode())
    [stream] = streams(observed(tmp_path, "hubble", content, scale=Fraction(3, 2)))
    assert stream["rate"] == "3/s"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "flows:1:1: the file is empty"),
        (lines(flow(0, WEB, CART)) + '{"flow": ', "flows:2:1: this is not JSON: '{\"flow\":'"),
        ("{}\n", "flows:1:1: there is no flow in it"),
        (lines(flow(1, WEB, CART), flow(1, WEB, CART, 2)), "flows:1:1: all flows are of the same time"),
    ],
)
def test_hubble_files_that_are_wrong(content: str, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, "hubble", content)


# -- Istio ------------------------------------------------------------------------------------------------------------


def series(value: Any, reporter: str = "source", name: str | None = None, **labels: str) -> Data:
    metric = {
        "source_workload": "web",
        "source_workload_namespace": "shop",
        "destination_service": "cart.shop.svc.cluster.local",
        "reporter": reporter,
        **({"__name__": name} if name else {}),
        **labels,
    }
    return {
        "metric": metric,
        ("values" if isinstance(value, list) else "value"): value if isinstance(value, list) else [1, value],
    }


def answer(*result: Data, kind: str = "vector") -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": list(result)}})


def test_istio_rates_of_both_reporters_count_once(tmp_path: Path) -> None:
    parts = [series("7.5", response_code="200"), series("0.5", response_code="500"), series("7.9", "destination")]
    [stream] = streams(observed(tmp_path, "istio", answer(*parts)))
    assert (stream["from"], stream["to"], stream["rate"]) == ("deployment/shop/web", "svc/shop/cart", "8/s")
    assert "connections" not in stream


def test_istio_counters_of_a_range(tmp_path: Path) -> None:
    counter = series([[0, "100"], [60, "160"], [120, "20"]], name="istio_requests_total")
    [stream] = streams(observed(tmp_path, "istio", answer(counter, kind="matrix")))
    assert stream["rate"] == "0.667/s"  # 60 before the reset and 20 after it, in 120 s


def test_istio_rates_of_a_range_are_averaged(tmp_path: Path) -> None:
    [stream] = streams(observed(tmp_path, "istio", answer(series([[0, "2"], [60, "4"]]), kind="matrix")))
    assert stream["rate"] == "3/s"


def test_istio_unknown_sources_come_from_outside_where_they_can(tmp_path: Path) -> None:
    outside = series("5", source_workload="unknown", destination_service="web.shop.svc.cluster.local")
    inside = series("5", source_workload="unknown")
    absent = series("5", source_workload="ghost")
    elsewhere = series("5", destination_service_name="absent", destination_service_namespace="shop")
    odd = series("NaN")
    made = observed(tmp_path, "istio", answer(outside, inside, absent, elsewhere, odd))
    [stream] = streams(made)
    assert (stream["from"], stream["via"]) == ("internet", "loadBalancer")
    left = [line for line in made.told if line.startswith("traffic: left out")]
    assert left == [
        "traffic: left out: 1 from a workload that is not in the dump",
        "traffic: left out: 1 from an unknown source",
        "traffic: left out: 1 to a Service that is not in the dump or has no endpoints (shop/absent)",
        "traffic: left out: 1 without a usable value",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "flows:1:2: this is not JSON, or it is cut off"),
        ("[]", "flows:1:1: this is no instant vector or range matrix of Prometheus"),
        (answer(series("1234", name="istio_requests_total")), "flows:1:1: these are counters of one moment"),
    ],
)
def test_istio_files_that_are_wrong(content: str, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, "istio", content)


# -- VPC flow logs ----------------------------------------------------------------------------------------------------

HEAD = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


def record(source: str, port: int, target: str, target_port: int, size: int, **more: Any) -> str:
    eni, protocol, action = more.get("eni", "eni-1"), more.get("protocol", 6), more.get("action", "ACCEPT")
    return f"2 123 {eni} {source} {target} {port} {target_port} {protocol} 9 {size} 1000 1060 {action} OK\n"


def test_vpc_connections_with_their_bytes(tmp_path: Path) -> None:
    one, other = address(WEB), address(CART)
    log = f"{HEAD}\n"
    for number in range(6):
        for eni in ("eni-1", "eni-2"):  # both ends record the same packets
            log += record(one, 40_000 + number, other, 8080, 1000 + number, eni=eni)
            log += record(other, 8080, one, 40_000 + number, 50_000, eni=eni)
    [stream] = streams(observed(tmp_path, "vpc", log))
    assert stream == {
        "name": "web-to-cart",
        "from": "deployment/shop/web",
        "to": "svc/shop/cart",
        "rate": "0.1/s",
        "request": "1002B",
        "response": "50000B",
        "connections": {"mode": "perRequest"},
    }


def test_vpc_from_outside_and_from_nodes(tmp_path: Path) -> None:
    log = record("8.8.8.8", 1234, "192.0.2.1", 30_001, 700) + record("192.0.2.2", 999, address(CART), 8080, 300)
    found = {stream["from"]: stream for stream in streams(observed(tmp_path, "vpc", log))}
    assert (found["internet"]["to"], found["internet"]["via"]) == ("svc/shop/web", "loadBalancer")
    assert found["node/beta"]["to"] == "svc/shop/cart"


def test_vpc_tells_what_it_left_out(tmp_path: Path) -> None:
    web, cart = address(WEB), address(CART)
    log = record(web, 1, cart, 8080, 9)
    log += record("192.0.2.1", 5000, "192.0.2.2", 8472, 9, protocol=17) + record(web, 1, cart, 53, 9, protocol=17)
    log += record(web, 2, cart, 8080, 9, action="REJECT") + record("172.31.9.9", 1, cart, 8080, 9)
    log += record(web, 3, "172.31.9.9", 5432, 9)
    log += "2 123 eni-1 - - - - - - - 1000 1060 - NODATA\n"
    left = [line for line in observed(tmp_path, "vpc", log).told if line.startswith("traffic: left out")]
    assert left == [
        "traffic: left out: 1 from a source that is not in the dump",
        "traffic: left out: 1 no data (NODATA, SKIPDATA)",
        "traffic: left out: 1 not TCP",
        "traffic: left out: 1 rejected",
        "traffic: left out: 1 to a destination that is not in the dump",
        "traffic: left out: 1 tunnels between nodes, whose inside the log does not show",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("2 123 eni-1 10.0.0.1\n", "flows:1:1: a record of 4 fields where 14 are expected"),
        ("version srcaddr dstaddr\n", "flows:1:1: the log has no field srcport"),
        (f"{HEAD}\n", "flows:1:1: there is no record with a capture window in it"),
    ],
)
def test_vpc_files_that_are_wrong(content: str, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, "vpc", content)


def test_several_logs_add_up(tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(as_json(shop()))
    (tmp_path / "a").write_text(answer(series("2")))
    (tmp_path / "b").write_text(record(address(CART), 1, address(WEB), 8080, 9))
    logs = [("istio", Input("a", tmp_path / "a")), ("vpc", Input("b", tmp_path / "b"))]
    made = bring_in(Request(inputs([str(dump)]), logs))
    assert [stream["name"] for stream in streams(made)] == ["web-to-cart", "cart-to-web"]


def test_no_usable_flow_leaves_one_stream(tmp_path: Path) -> None:
    [stream] = streams(observed(tmp_path, "istio", answer()))
    assert stream["from"] == "node/alpha"
