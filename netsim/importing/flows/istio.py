"""Istio's ``istio_requests_total`` as Prometheus answers: requests per second from workload to Service.

The answer of /api/v1/query or query_range (prometheus.io/docs/prometheus/latest/querying/api). A series that still
has its name is a counter: its increase over the range is taken. One without is a rate already, as rate() gives it.
"""

import json
import math
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise

from netsim.errors import Position, ScenarioError
from netsim.importing.findings import Finding
from netsim.importing.flows.flow import Ends, Flow, Observed
from netsim.importing.inputs import refusal
from netsim.importing.shapes import Data, mapping, part, rows, text
from netsim.importing.who import INTERNET, Who

METRIC = "istio_requests_total"
UNKNOWN = ("", "unknown")
Samples = list[tuple[float, float]]


def read(content: str, name: str, who: Who) -> Observed:
    """The flows of a Prometheus answer; raises ScenarioError where it is none, or has counters of one moment."""
    answer = _answer(content, name)
    found = Observed()
    sums: dict[tuple[Ends, str], Fraction] = defaultdict(Fraction)
    counted = 0
    series = rows(answer, "data", "result")
    for one in series:
        labels = mapping(one, "metric")
        rate = _rate(one, name)
        if rate is None:
            found.unmapped["without a usable value"] += 1
            continue
        ends = _ends(labels, who)
        if isinstance(ends, str):
            found.unmapped[ends] += 1
            continue
        counted += 1
        sums[ends, text(labels, "reporter")] += rate
    # Both sides of a connection report the same requests; the larger of the two sums has them all.
    best: dict[Ends, Fraction] = {}
    for (ends, _), rate in sums.items():
        best[ends] = max(best.get(ends, Fraction(0)), rate)
    found.flows = [Flow(ends, rate) for ends, rate in sorted(best.items(), key=lambda pair: str(pair[0])) if rate]
    found.findings.append(
        Finding(
            "rates",
            f"{counted} of {len(series)} series of {METRIC} in {name}; requests that both proxies report count once",
        )
    )
    found.findings.append(Finding("sizes", f"{METRIC} does not tell them; 1KiB each way is assumed"))
    return found


def _answer(content: str, name: str) -> Data:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        place = Position(name, getattr(error, "lineno", 1), getattr(error, "colno", 1))
        raise refusal(place, "this is not JSON, or it is cut off", "Save Prometheus' answer as it is.") from None
    kind = text(answer, "data", "resultType")
    if kind not in ("vector", "matrix") or not isinstance(part(answer, "data", "result"), list):
        hint = f"Query sum by (...) (rate({METRIC}[5m])) and save the answer."
        raise refusal(Position(name, 1, 1), "this is no instant vector or range matrix of Prometheus", hint)
    return mapping(answer)


def _rate(series: Data, name: str) -> Fraction | None:
    """Requests per second of a series, or None where it has no usable samples."""
    counter = text(series, "metric", "__name__") != ""
    written = part(series, "values")
    single = [part(series, "value")]
    samples = _samples(written if isinstance(written, list) else single)
    if not samples:
        return None
    if not counter:
        return Fraction(sum(value for _, value in samples) / len(samples)).limit_denominator(10**6)
    span = samples[-1][0] - samples[0][0]
    if span <= 0:
        raise _one_moment(name)
    # As Prometheus does: a counter that fell was reset, and has counted from 0 since.
    steps = [after - before if after >= before else after for (_, before), (_, after) in pairwise(samples)]
    return Fraction(sum(steps) / span).limit_denominator(10**6)


def _one_moment(name: str) -> ScenarioError:
    hint = f"Query rate({METRIC}[5m]), or a range."
    return refusal(Position(name, 1, 1), "these are counters of one moment, which have no rate", hint)


def _samples(written: list[object]) -> Samples:
    found: Samples = []
    for one in written:
        if not isinstance(one, list) or len(one) != 2:
            continue
        try:
            time, value = float(one[0]), float(one[1])
        except (TypeError, ValueError, OverflowError):
            continue
        if math.isfinite(time) and math.isfinite(value) and 0 <= value < 1e15 and abs(time) < 1e15:
            found.append((time, value))
    return found


def _ends(labels: Data, who: Who) -> Ends | str:
    path = _service(labels)
    door = who.at_service(path, 0) if path else None
    if door is None:
        return f"to a Service that is not in the dump or has no endpoints ({path or 'unknown'})"
    source = text(labels, "source_workload")
    if source in UNKNOWN:
        via = who.way_in(door.to)
        return Ends(INTERNET, door.to, door.port, via) if via else "from an unknown source"
    asker = who.workload(text(labels, "source_workload_namespace") or "default", source)
    return Ends(asker, door.to, door.port) if asker else "from a workload that is not in the dump"


def _service(labels: Data) -> str:
    """``ns/name`` of the Service that was asked."""
    name, namespace = text(labels, "destination_service_name"), text(labels, "destination_service_namespace")
    if name in UNKNOWN or namespace in UNKNOWN:
        steps = text(labels, "destination_service").split(".")
        name, namespace = (steps[0], steps[1]) if len(steps) > 1 else ("", "")
    return f"{namespace}/{name}" if name and namespace else ""
