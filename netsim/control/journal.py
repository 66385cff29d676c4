"""The journal: what the control plane did and when, for people."""

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Entry:
    """At ``at`` ps ``what`` happened to ``subject``; ``kind`` groups entries (pod, node, view, ...)."""

    at: int
    kind: str
    subject: str
    what: str


@dataclass
class Journal:
    """Entries in the order of time."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, at: int, kind: str, subject: str, what: str) -> None:
        """Write one down."""
        self.entries.append(Entry(at, kind, subject, what))
