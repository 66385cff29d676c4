"""The import ladder: a module imports from its own rung of LADDER or an earlier one, never from a later."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

LADDER = (
    ("units", "errors", "registry", "headers"),
    ("chance", "model"),
    ("ipam", "balancing", "congestion"),
    ("cni", "proxy", "policy", "entry", "fabric", "costs"),
    ("program", "records"),
    ("scenario", "importing", "lowering"),
    ("control",),
    ("engines", "analysis"),
    ("report",),
    ("experiment",),
    ("cli", "__init__", "__main__"),
)

# Narrower than the ladder: all that these may import from netsim besides themselves.
ONLY = {
    "headers": set(),
    "chance": {"units"},
    "balancing": {"chance", "registry"},
    "congestion": {"registry"},
    "control": {
        "lowering", "model", "program", "ipam", "policy", "entry", "cni", "proxy", "costs", "chance", "units", "errors"
    },
    "engines": {"program", "records", "chance", "balancing", "congestion", "units", "errors", "headers"},
    "analysis": {"records", "program", "chance", "units", "errors", "headers"},
    "report": {"analysis", "records", "program", "units", "errors"},
}

# Same rung, yet never.
NEVER = {"lowering": {"scenario", "importing"}}

# All that these may import from outside netsim and the standard library.
THIRD_PARTY = {"chance": {"numpy"}}

NOT_CODE = {"README.md", "py.typed", "__pycache__"}

RUNG = {part: rung for rung, parts in enumerate(LADDER) for part in parts}


def part_of(name: str) -> str:
    """The table's name for a file or module: records_text belongs to records."""
    return name if name in RUNG else name.partition("_")[0]


def own_part(path: str) -> str:
    """The part of netsim that a path such as netsim/cni/flannel.py belongs to."""
    return part_of(Path(path).parts[1].removesuffix(".py"))


def imported_modules(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of each import; `from a import b` counts as a.b."""
    package = Path(path).with_suffix("").parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*start, *filter(None, [node.module])])
            for alias in node.names:
                yield node.lineno, f"{source}.{alias.name}"


def broken_rule(importer: str, module: str) -> str | None:
    """The rule that this import breaks, or None."""
    top, *rest = module.split(".")
    if top != "netsim":
        allowed = THIRD_PARTY.get(importer)
        if allowed is None or top in allowed or top in sys.stdlib_module_names:
            return None
        return f"{importer} may import only {sorted(allowed)} from outside, not {top}"
    imported = part_of(rest[0]) if rest else "__init__"
    if imported not in RUNG:
        imported = "__init__"
    if imported == importer:
        return None
    if importer in ONLY and imported not in ONLY[importer]:
        return f"{importer} may import only {sorted(ONLY[importer])}, not {imported}"
    if imported in NEVER.get(importer, ()):
        return f"{importer} must never import {imported}"
    if RUNG[imported] > RUNG[importer]:
        return f"{importer} (rung {RUNG[importer]}) may not import {imported} (rung {RUNG[imported]})"
    return None


def violations(path: str, source: str) -> list[str]:
    """Each import in this source that breaks the ladder, as file:line: rule."""
    importer = own_part(path)
    found = {
        (line, rule)
        for line, module in imported_modules(path, ast.parse(source))
        if (rule := broken_rule(importer, module))
    }
    return [f"{path}:{line}: {rule}" for line, rule in sorted(found)]


def unknown_parts(names: list[str]) -> list[str]:
    """Names directly under netsim/ that the ladder does not know."""
    return [
        f"netsim/{name}: give it a rung in LADDER, tests/test_layers.py"
        for name in names
        if name not in NOT_CODE and part_of(name.removesuffix(".py")) not in RUNG
    ]


def test_every_part_has_a_rung() -> None:
    assert unknown_parts(sorted(entry.name for entry in (ROOT / "netsim").iterdir())) == []


def test_imports_never_go_to_a_later_rung() -> None:
    paths = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "netsim").rglob("*.py"))]
    found = [
        line
        for path in paths
        if own_part(path) in RUNG
        for line in violations(path, (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def test_saboteur_import_of_a_later_rung_is_named() -> None:
    assert violations("netsim/model/pod.py", "import os\nfrom netsim.cni import flannel\n") == [
        "netsim/model/pod.py:2: model (rung 1) may not import cni (rung 3)"
    ]


def test_saboteur_every_form_of_import_is_seen() -> None:
    forms = [
        "import netsim.model.pod",
        "import netsim.model.pod as pod",
        "from netsim import model",
        "from netsim.model import pod",
        "from netsim.model.pod import Pod",
        "from ...model import pod",
        "from ... import model",
        "def run():\n    from netsim.model import pod",
    ]
    for form in forms:
        assert len(violations("netsim/engines/reference/node.py", form)) == 1, form


def test_saboteur_narrower_rules_fire() -> None:
    refused = [
        ("netsim/engines/compiled.py", "from netsim.costs import load"),
        ("netsim/analysis/latency.py", "import netsim.engines"),
        ("netsim/lowering/routes.py", "from netsim.scenario import loader"),
        ("netsim/balancing/maglev.py", "from netsim.units import rate"),
        ("netsim/chance.py", "import scipy"),
        ("netsim/chance.py", "from netsim.errors import InputError"),
        ("netsim/units.py", "from netsim import __version__"),
        ("netsim/records_text.py", "import netsim.report"),
    ]
    for path, source in refused:
        assert len(violations(path, source)) == 1, source


def test_allowed_imports_pass() -> None:
    allowed = [
        (
            "netsim/engines/reference/node.py",
            "from netsim.program import Program\nfrom . import tunnel\nimport simpy",
        ),
        ("netsim/chance.py", "import functools\nimport numpy as np\nfrom netsim.units import SECOND"),
        ("netsim/balancing/maglev.py", "from netsim.chance import mix\nfrom netsim.balancing import ring"),
        ("netsim/cli/run.py", "from netsim import engines, scenario\nfrom .. import report"),
        ("netsim/__main__.py", "from netsim.cli import main"),
    ]
    for path, source in allowed:
        assert violations(path, source) == []


def test_saboteur_unknown_part_is_named() -> None:
    assert unknown_parts(["README.md", "units.py", "records_text.py", "helpers.py"]) == [
        "netsim/helpers.py: give it a rung in LADDER, tests/test_layers.py"
    ]
