"""Random calls: how large, over which connections, how patiently, and by which names."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.documents import Document

SIZES = ["1B", "100B", "1448B", "1449B", "9000B", "64KiB", "65483B", "300kB"]
SIZE_LAWS = [*SIZES, {"dist": "uniform", "min": "1B", "max": "20kB"}, {"dist": "empirical", "values": ["1B", "70kB"]}]
DNS = "kube-system/kube-dns"
RELAYED = ("kubectlProxy", "portForward")  # requests over TCP are all that these pass on
DATAGRAM_LAWS = ["1B", "1200B", {"dist": "uniform", "min": "1B", "max": "900B"}]


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """One of these."""
    return st.sampled_from(values)


def use(draw: Callable[..., Any]) -> Document:
    """How connections are used."""
    return {
        "mode": draw(one_of("perRequest", "pooled", "persistent")),
        "perClient": draw(one_of(1, 2, 32)),
        "keepAlive": draw(one_of("0", "1ms", "75s")),
    }


def message(draw: Callable[..., Any], way: Document) -> Document:
    """Sizes there and back, and how they are sent; ``way`` says from where and to whom."""
    sizes = st.sampled_from(SIZE_LAWS)
    found = {"connections": use(draw)}
    if draw(one_of(False, False, True)):
        found |= {"timeout": draw(one_of("100us", "1ms", "300ms")), "retries": draw(st.integers(0, 3))}
    if way.get("via") not in RELAYED and draw(one_of(False, False, False, True)):
        found["protocol"] = "UDP"
        sizes = st.sampled_from(DATAGRAM_LAWS)
    elif draw(one_of(False, False, False, True)):
        found["connections"] |= {"tls": True}
    if way["to"].startswith("svc/") and "via" not in way and draw(one_of(False, False, True)):
        found["balancing"] = draw(one_of("round_robin", "least_connections", "random"))
    is_pod = way["from"].startswith(("pod/", "deployment/"))
    if is_pod and way["to"] != "localhost" and draw(one_of(False, False, True)):
        found |= named(draw, way)
    return {"request": draw(sizes), "response": draw(sizes), **found}


def named(draw: Callable[..., Any], way: Document) -> Document:
    """Names are looked up, for what has one."""
    if way["to"].startswith("pod/"):
        return {}
    return {
        "dns": {
            "lookup": draw(one_of("perConnection", "perRequest")),
            "name": draw(one_of("api.example.com", "db.")),
            "timeout": draw(one_of("200us", "5ms")),
            "attempts": draw(st.integers(1, 3)),
            "raceProbability": draw(one_of("0%", "50%")),
            "singleRequestReopen": draw(st.booleans()),
            "nodeLocalCache": draw(st.booleans()),
            "protocol": draw(one_of("UDP", "UDP", "TCP")),
        }
    }
