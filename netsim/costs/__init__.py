"""The numbers: what each stage costs on reference hardware, with the source of every value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from netsim.costs import reader
from netsim.errors import UsageError, nearest, quote
from netsim.model.law import Law

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class StageCost:
    """Work of one stage: ps per burst, ps per frame, fs per byte, ps more when its lane is found idle.

    ``jitter`` names one of the profile's laws. ``confidence`` is ``measured``, ``derived`` (arithmetic on
    measurements), ``secondary`` (somebody's quotation) or ``assumed``; then ``source`` begins with
    ``assumed``.
    """

    per_burst: int
    per_frame: int
    per_byte: int
    per_wakeup: int
    jitter: str
    source: str
    hardware: str
    kernel: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The costs of one kind of hardware and kernel.

    ``clock`` is that of its cores in Hz, ``idle_exit`` the time in ps between an interrupt and its handler on an idle
    core. The laws of ``jitter`` are factors in 1/65536 with mean one, which multiply the work of a visit.
    """

    name: str
    hardware: str
    kernel: str
    clock: int
    idle_exit: int
    idle_exit_source: str
    jitter: Mapping[str, Law]
    stages: Mapping[str, StageCost]

    def stage(self, name: str) -> StageCost:
        """The cost of the stage ``name``; raises KeyError where the profile has none."""
        return self.stages[name]


def names() -> tuple[str, ...]:
    """The profiles in this folder; ``linux-tunnel.yaml`` is a part of the profile ``linux``."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if "-" not in path.stem))


@cache
def load(name: str = "linux") -> Profile:
    """The profile ``name``; raises UsageError where there is none, ValueError for malformed files."""
    if name not in names():
        raise UsageError(f"There is no cost profile {quote(name)}", nearest(name, names()))
    head, *parts = (
        reader.read(path) for path in [FOLDER / f"{name}.yaml", *sorted(FOLDER.glob(f"{name}-*.yaml"))]
    )
    profile = head.child("profile")
    idle_exit = profile.child("idleExit")
    jitter = {word: _law(law) for word, law in head.child("jitter").children()}
    stages = {}
    for part in (head, *parts):
        for word, entry in part.child("stages").children():
            if word in stages:
                raise entry.error(f"the stage {word} has a cost already")
            stages[word] = _cost(entry, profile, jitter)
        part.finish()
    result = Profile(
        name=name,
        hardware=profile.text("hardware"),
        kernel=profile.text("kernel"),
        clock=profile.hertz("clock"),
        idle_exit=idle_exit.duration("value"),
        idle_exit_source=idle_exit.text("source"),
        jitter=MappingProxyType(jitter),
        stages=MappingProxyType(stages),
    )
    idle_exit.finish()
    profile.finish()
    return result


def _law(entry: reader.Entry) -> Law:
    entry.one_of("dist", ("lognormal",))
    entry.text("source")
    law = Law(reader.LOGNORMAL, (entry.factor("median"), entry.factor("p99")))
    entry.finish()
    return law


def _cost(entry: reader.Entry, profile: reader.Entry, jitter: Mapping[str, Law]) -> StageCost:
    confidence = entry.one_of("confidence", ("measured", "derived", "secondary", "assumed"))
    source = entry.text("source")
    if source.startswith("assumed") != (confidence == "assumed"):
        raise entry.error("confidence and source must both say assumed, or neither")
    cost = StageCost(
        per_burst=entry.duration("perBurst", "0"),
        per_frame=entry.duration("perFrame", "0"),
        per_byte=entry.femtoseconds("perByte", "0ns"),
        per_wakeup=entry.duration("perWakeup", "0"),
        jitter=entry.one_of("jitter", tuple(jitter), "kernel"),
        source=source,
        hardware=entry.text("hardware", profile.text("hardware")),
        kernel=entry.text("kernel", profile.text("kernel")),
        confidence=confidence,
    )
    entry.finish()
    return cost
