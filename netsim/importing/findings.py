"""What import concluded from a dump: settings with their evidence, and what it could not do."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One conclusion: what was set (``cni.backend: vxlan``), from which evidence, and what a reader should check."""

    what: str
    because: str
    check: str = ""

    def __str__(self) -> str:
        told = f"{self.what}: {self.because}" if self.what else self.because
        return f"{told}. Check: {self.check}" if self.check else told


@dataclass(slots=True)
class Guess:
    """A CNI plugin or a kube-proxy mode with its settings, and how sure the evidence is.

    ``weight``: CONFIGURED, DEPLOYED, RUNNING or SUPPOSED.
    """

    kind: str
    settings: dict[str, object]
    findings: list[Finding]
    weight: int


# What a configuration object says is surer than a workload's name, and that is surer than what only fits.
CONFIGURED, DEPLOYED, RUNNING, SUPPOSED = 4, 3, 2, 1


@dataclass(slots=True)
class Notes:
    """Conclusions by the part of the scenario file that they belong to."""

    by_part: dict[str, list[Finding]] = field(default_factory=dict)

    def add(self, part: str, *findings: Finding) -> None:
        """Notes conclusions on a part such as ``cni``."""
        self.by_part.setdefault(part, []).extend(findings)

    def on(self, part: str) -> list[Finding]:
        """The conclusions on a part."""
        return self.by_part.get(part, [])
