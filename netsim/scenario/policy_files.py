"""Network policies from manifests alone: one file, or all files of a directory."""

from collections.abc import Iterator
from pathlib import Path

from netsim.errors import Position, Problem, ScenarioError
from netsim.scenario.manifests import read_manifests
from netsim.scenario.objects import Objects

ENDINGS = (".yaml", ".yml", ".json")


def policy_objects(path: Path) -> Objects:
    """What the manifests say; raises ScenarioError with all that is wrong, and where there is no policy among them."""
    objects = Objects()
    problems = [problem for file in _files(path) for problem in read_manifests(file, str(file), objects)]
    if not problems and not objects.policies:
        hint = "Name a file or directory with NetworkPolicy manifests, or another scenario file."
        problems = [Problem(Position(str(path)), "", "there is no NetworkPolicy in it", hint)]
    if problems:
        raise ScenarioError(problems)
    return objects


def is_scenario(path: Path) -> bool:
    """Whether a file is one of netsim's own, by its first apiVersion."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(line.strip(" '\",{}\n").startswith("netsim/") for line in _values(file))


def _values(lines: Iterator[str]) -> Iterator[str]:
    return (line.partition("apiVersion")[2].lstrip("'\": ") for line in lines if "apiVersion" in line)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(entry for entry in path.iterdir() if entry.suffix in ENDINGS and entry.is_file())
    if not found:
        raise ScenarioError([Problem(Position(str(path)), "", "there is no YAML or JSON file in this directory", "")])
    return found
