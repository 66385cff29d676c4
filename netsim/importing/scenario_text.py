"""The scenario file that an import writes: what was found as fields, why as comments above them."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from textwrap import wrap

from netsim.importing.block import flow, scalar
from netsim.importing.findings import Finding, Notes
from netsim.importing.flows.flow import Flow
from netsim.importing.shapes import Data
from netsim.units import show_duration, show_rate

FIRST_LINE = "# Imported by `netsim import`: does this cluster's network carry its traffic, and what limits it?"
WIDTH = 110
LONGEST_NAME = 63
REQUEST = RESPONSE = "1KiB"
FIRST_REQUESTS = 10_000  # that the first run simulates: a few seconds of one core
SHORTEST, LONGEST = 10**10, 10**13  # ps
_CONTROL = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def duration_for(rate: Fraction) -> int:
    """Simulated ps in which about FIRST_REQUESTS requests come, to one significant digit."""
    if not rate:
        return LONGEST
    exact = min(max(int(FIRST_REQUESTS * 10**12 / rate), SHORTEST), LONGEST)
    scale: int = 10 ** (len(str(exact)) - 1)
    return exact // scale * scale


def scenario_text(name: str, parts: Data, flows: list[Flow], notes: Notes) -> str:
    """The whole file; ``parts`` are the sections of spec before ``traffic``, in order."""
    lines = [FIRST_LINE, "#", *_about(notes.on("about"))]
    lines += ["apiVersion: netsim/v1alpha1", "kind: Scenario", f"metadata: {{name: {scalar(name)}}}", "spec:"]
    for key, value in parts.items():
        lines += _section(key, value, notes.on(key))
    lines += _section_head("traffic", notes.on("traffic"))
    lines += ["  traffic:", *_streams(flows)]
    return "\n".join(lines) + "\n"


def _about(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield from _comment(str(finding), "# ")


def _section_head(key: str, findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield from _comment(str(finding), "  # ")


def _comment(content: str, head: str) -> Iterator[str]:
    """A comment in lines of its own; names from the dump cannot end it."""
    clean = _CONTROL.sub("?", content)
    rest = head.rstrip() + "   "
    for number, line in enumerate(wrap(clean, WIDTH - len(head), break_long_words=False, break_on_hyphens=False)):
        yield f"{head if not number else rest}{line}"


def _section(key: str, value: object, findings: list[Finding]) -> Iterator[str]:
    yield from _section_head(key, findings)
    if key == "manifests" and isinstance(value, list):
        yield f"  {key}:"
        yield from (f"  - {scalar(one)}" for one in value)
    elif key == "cluster" and isinstance(value, dict):
        yield f"  {key}:"
        for inner, content in value.items():
            if isinstance(content, list):
                yield f"    {inner}:"
                yield from (f"    - {flow(one)}" for one in content)
            else:
                yield f"    {inner}: {flow(content)}"
    elif isinstance(value, list):
        yield f"  {key}:"
        yield from (f"  - {flow(one)}" for one in value)
    else:
        yield f"  {key}: {flow(value)}"


def _streams(flows: list[Flow]) -> Iterator[str]:
    taken: set[str] = set()
    for one in flows:
        yield f"  - {flow(_stream(one, taken))}"


def _stream(one: Flow, taken: set[str]) -> Data:
    ends = one.ends
    stream: Data = {"name": _name(one, taken), "from": ends.source, "to": ends.to}
    if ends.via:
        stream["via"] = ends.via
    if ends.port:
        stream["port"] = ends.port
    stream["rate"] = show_rate(per_thousand(one.rate))
    stream["request"] = REQUEST if one.request is None else f"{one.request}B"
    stream["response"] = RESPONSE if one.response is None else f"{one.response}B"
    if one.connects:
        stream["connections"] = {"mode": "perRequest"}
    return stream


def per_thousand(rate: Fraction) -> int:
    """Requests per 1,000 s to three significant digits."""
    exact = max(1, round(rate * 1000))
    scale = 10 ** max(0, len(str(exact)) - 3)
    return int(round(Fraction(exact, scale)) * scale)


def _name(one: Flow, taken: set[str]) -> str:
    """``caller-to-callee``, unique, and a name of RFC 1123."""
    short = "-to-".join(part.rpartition("/")[2] for part in (one.ends.source, one.ends.to))
    stem = re.sub(r"[^a-z0-9]+", "-", short.lower()).strip("-")[: LONGEST_NAME - 6].strip("-") or "stream"
    number, name = 2, stem
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name)
    return name


def told_duration(rate: Fraction) -> Finding:
    """How heavy the traffic is, and why the run is as long as it is."""
    length = duration_for(rate)
    count = round(rate * length / 10**12)
    why = f"{float(rate):.6g} requests per simulated second; {count} in this run, so that it takes seconds"
    return Finding(f"run.duration: {show_duration(length)}", why, "raise it once the rest is right")
