"""Finds workloads by name, as weak evidence of what runs in a cluster, and reads their containers."""

from collections.abc import Iterator

from netsim.importing.dump import Dump, Thing
from netsim.importing.shapes import Data, rows, text, words


def daemon(dump: Dump, *names: str) -> str | None:
    """The title of a DaemonSet or Deployment whose name is or begins with one of these names and a dash."""
    thing = daemon_of(dump, *names)
    return thing.title if thing else None


def daemon_of(dump: Dump, *names: str) -> Thing | None:
    """The DaemonSet or Deployment that ``daemon`` names."""
    for kind in ("DaemonSet", "Deployment"):
        for thing in dump.of(kind):
            if _is_one(thing.name, names):
                return thing
    return None


def running(dump: Dump, *names: str) -> str | None:
    """The title of a pod whose name begins with one of these names and a dash."""
    for thing in dump.of("Pod", ""):
        if _is_one(thing.name, names):
            return thing.title
    return None


def _is_one(name: str, names: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}-") for one in names)


def containers(dump: Dump, *names: str) -> Iterator[Data]:
    """The containers of DaemonSets and pods of these names."""
    for kind, steps in (("DaemonSet", ("spec", "template", "spec")), ("Pod", ("spec",))):
        for thing in dump.of(kind):
            if _is_one(thing.name, names):
                yield from rows(thing.data, *steps, "containers")
                yield from rows(thing.data, *steps, "initContainers")


def environment(dump: Dump, *names: str) -> dict[str, str]:
    """The environment of these containers; what comes from elsewhere is ""."""
    found: dict[str, str] = {}
    for container in containers(dump, *names):
        for entry in rows(container, "env"):
            if name := text(entry, "name"):
                found.setdefault(name, text(entry, "value"))
    return found


def arguments(dump: Dump, *names: str) -> list[str]:
    """The command lines of these containers."""
    return [word for one in containers(dump, *names) for key in ("command", "args") for word in words(one, key)]
