"""What netsim never does: run data as code, draw unaddressed luck, let clocks in, write just anywhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

UNSAFE = "runs data as code"
YAML = "loses the positions that error messages need; use yaml.compose"
LUCK = "draws unaddressed luck; use netsim.chance"
CLOCK = "makes results depend on the machine's clock"

BANNED_MODULES = {"pickle": UNSAFE, "marshal": UNSAFE, "shelve": UNSAFE, "random": LUCK}

BANNED_NAMES = {
    "eval": UNSAFE,
    "exec": UNSAFE,
    "hash": "differs from one process to the next; use netsim.chance.mix",
    "tempfile.mktemp": "lets somebody else take the name first; use mkstemp",
    **{f"yaml.{kind}load{many}": YAML for kind in ("", "safe_", "full_", "unsafe_") for many in ("", "_all")},
}

TIMERS = {
    f"time.{name}{unit}": CLOCK for name in ("time", "monotonic", "perf_counter") for unit in ("", "_ns")
}
CALENDAR = {
    f"datetime.{name}": CLOCK for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
}

# Banned only in these parts of netsim.
BANNED_IN = {
    "model": TIMERS | CALENDAR,
    "lowering": TIMERS | CALENDAR,
    "engines": TIMERS | CALENDAR,
    "analysis": CALENDAR,
}

BANNED_SWITCHES = {"shell": "hands text to a shell", "allow_pickle": UNSAFE}

WRITERS = {"records", "report", "cli"}
WRITING_METHODS = {"write_text", "write_bytes", "savefig"}

Fault = tuple[int, str]


def own_part(path: str) -> str:
    """The part of netsim that a path belongs to; records_text.py belongs to records."""
    name = Path(path).parts[1].removesuffix(".py")
    return name.partition("_")[0] or name


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name of a file stands for: np -> numpy, load -> yaml.load."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """The full name that an expression such as np.load stands for, or None if it is not a name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value, names)):
        return f"{owner}.{node.attr}"
    return None


def module_faults(node: ast.AST) -> Iterator[Fault]:
    """Imports of banned modules."""
    modules = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        modules = [node.module or ""]
    for module in modules:
        if reason := BANNED_MODULES.get(module.partition(".")[0]):
            yield node.lineno, f"{module} {reason}"


def switch_faults(call: ast.Call) -> Iterator[Fault]:
    """Banned keyword arguments that are not literally False."""
    for keyword in call.keywords:
        off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        if keyword.arg in BANNED_SWITCHES and not off:
            yield call.lineno, f"{keyword.arg}= {BANNED_SWITCHES[keyword.arg]}"


def opens_for_writing(call: ast.Call, names: dict[str, str]) -> bool:
    """Whether this is open(path, mode), gzip.open(path, mode) or path.open(mode), not sure to read only."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "open":
        owner = call.func.value
        position = 1 if isinstance(owner, ast.Name) and owner.id in names else 0
    elif isinstance(call.func, ast.Name) and call.func.id == "open":
        position = 1
    else:
        return False
    modes = call.args[position : position + 1] + [word.value for word in call.keywords if word.arg == "mode"]
    return not all(
        isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) <= set("rbt")
        for mode in modes
    )


def write_faults(call: ast.Call, names: dict[str, str]) -> Iterator[Fault]:
    """Calls that write a file."""
    writes = isinstance(call.func, ast.Attribute) and call.func.attr in WRITING_METHODS
    if writes or opens_for_writing(call, names):
        yield call.lineno, f"{ast.unparse(call.func)} writes a file; only {sorted(WRITERS)} may"


def violations(path: str, source: str) -> list[str]:
    """Every banned thing in this source, as file:line: what and why."""
    tree = ast.parse(source)
    names = imported_names(tree)
    part = own_part(path)
    banned = BANNED_NAMES | BANNED_IN.get(part, {})
    faults: list[Fault] = []
    for node in ast.walk(tree):
        faults += module_faults(node)
        if isinstance(node, ast.Name | ast.Attribute) and (name := dotted(node, names)) in banned:
            faults.append((node.lineno, f"{name} {banned[name]}"))
        if isinstance(node, ast.Call):
            faults += switch_faults(node)
            faults += [] if part in WRITERS else write_faults(node, names)
    return [f"{path}:{line}: {rule}" for line, rule in sorted(faults)]


def test_nothing_banned() -> None:
    paths = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "netsim").rglob("*.py"))]
    found = [line for path in paths for line in violations(path, (ROOT / path).read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_saboteur_message_names_file_line_and_reason() -> None:
    assert violations("netsim/model/pod.py", "import os\nimport pickle\n") == [
        "netsim/model/pod.py:2: pickle runs data as code"
    ]


def test_saboteur_banned_everywhere() -> None:
    refused = [
        "from random import choice",
        "import shelve",
        "import marshal",
        "eval(text)",
        "exec(text)",
        "hash(name)",
        "sorted(names, key=hash)",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
        "import yaml as reader\nreader.safe_load(text)",
        "from yaml import safe_load as read\nread(text)",
        "import tempfile\ntempfile.mktemp()",
        "import subprocess\nsubprocess.run(text, shell=True)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
    ]
    for source in refused:
        assert len(violations("netsim/units.py", source)) == 1, source


def test_saboteur_clocks_are_banned_where_results_are_made() -> None:
    timer = "import time\ntime.perf_counter()"
    calendar = "from datetime import datetime\ndatetime.now()"
    for part in ("model", "lowering", "engines"):
        assert len(violations(f"netsim/{part}/run.py", timer)) == 1
        assert len(violations(f"netsim/{part}/run.py", calendar)) == 1
    assert len(violations("netsim/analysis/latency.py", calendar)) == 1
    assert violations("netsim/cli/run.py", f"{timer}\n{calendar}") == []


def test_saboteur_only_writers_write() -> None:
    refused = [
        "open(path, 'w')",
        "open(path, mode='ab')",
        "open(path, mode)",
        "path.open('x')",
        "import gzip\ngzip.open(path, 'wt')",
        "path.write_text(text)",
        "path.write_bytes(data)",
        "figure.savefig(path)",
    ]
    for source in refused:
        assert len(violations("netsim/analysis/latency.py", source)) == 1, source
        for writer in (
            "netsim/records.py",
            "netsim/records_text.py",
            "netsim/report/page.py",
            "netsim/cli/run.py",
        ):
            assert violations(writer, source) == []


def test_allowed_source_passes() -> None:
    allowed = [
        "open('wax')",
        "open(path, 'rb')",
        "path.open()",
        "path.open(encoding='utf-8')",
        "import gzip\ngzip.open(path, 'rt')",
        "import yaml\nyaml.compose(text)",
        "frame.eval(text)",
        "import numpy as np\nnp.random.Generator(bits)",
        "import subprocess\nsubprocess.run(words, shell=False)",
        "from netsim.chance import random\n",
        "class Key:\n    def __hash__(self):\n        return 1\n",
    ]
    for source in allowed:
        assert violations("netsim/engines/node.py", source) == [], source
