"""Size and taste: short files and functions, few parameters, docstrings where one looks, no empty names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

FILE_LINES = 300
FUNCTION_LINES = 45
PARAMETERS = 5
EMPTY_NAME = re.compile(r"(?i:manager|handler|factory|utils)|^_*Base([A-Z]|$)")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Fault = tuple[int, str]


def lines_without_docstring(function: Function) -> int:
    """Lines from `def` to the end, the docstring's not counted."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        text = function.body[0]
        lines -= (text.end_lineno or 0) - text.lineno + 1
    return lines


def parameter_count(function: Function) -> int:
    """Parameters of every kind, self and cls not counted."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return len([argument for argument in named if argument.arg not in ("self", "cls")]) + len(starred)


def module_faults(path: str, source: str, tree: ast.Module) -> Iterator[Fault]:
    """A file too long, badly named or without a first sentence."""
    length = len(source.splitlines())
    if length > FILE_LINES:
        yield FILE_LINES + 1, f"the file has {length} lines, at most {FILE_LINES}"
    first_line = (ast.get_docstring(tree) or "").partition("\n")[0]
    if len(first_line.split()) < 3 or first_line[-1] not in ".?!":
        yield 1, "the module docstring's first line must be a sentence saying the module's job"
    if EMPTY_NAME.search(Path(path).stem):
        yield 1, f"the file name {Path(path).name} does not say what it does"


def function_faults(function: Function, any_signature: bool) -> Iterator[Fault]:
    """A function too long or with too many parameters."""
    length = lines_without_docstring(function)
    if length > FUNCTION_LINES:
        yield function.lineno, f"{function.name} has {length} lines, at most {FUNCTION_LINES}"
    count = parameter_count(function)
    if count > PARAMETERS and not any_signature:
        yield function.lineno, f"{function.name} has {count} parameters, at most {PARAMETERS}"


def definition_faults(path: str, tree: ast.Module) -> Iterator[Fault]:
    """What is wrong with the functions and classes of a file."""
    for node in ast.walk(tree):
        if not isinstance(node, Definition):
            continue
        public = node in tree.body and not node.name.startswith("_")
        if EMPTY_NAME.search(node.name):
            yield node.lineno, f"the name {node.name} does not say what it does"
        if public and ast.get_docstring(node) is None:
            yield node.lineno, f"{node.name} is public and has no docstring"
        if isinstance(node, Function):
            # A verb's parameters are its command line options, as many as users need.
            is_verb = public and path.startswith("netsim/cli/")
            yield from function_faults(node, any_signature=is_verb)


def violations(path: str, source: str) -> list[str]:
    """Everything in this source that breaks a rule of size or taste, as file:line: rule."""
    tree = ast.parse(source)
    faults = [*module_faults(path, source, tree), *definition_faults(path, tree)]
    return [f"{path}:{line}: {rule}" for line, rule in sorted(faults)]


def test_sizes_and_names() -> None:
    paths = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "netsim").rglob("*.py"))]
    found = [line for path in paths for line in violations(path, (ROOT / path).read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


DOCSTRING = '"""One sentence says the job."""\n'


def only_fault(source: str, path: str = "netsim/units.py") -> str:
    """The single violation in a source with a good module docstring put before it."""
    [fault] = violations(path, DOCSTRING + source)
    return fault


def test_good_source_passes() -> None:
    source = (
        DOCSTRING + 'class Ring:\n    """A ring."""\n    def turn(self, a, b, c, d, e):\n        return a\n'
    )
    assert violations("netsim/units.py", source) == []


def test_saboteur_long_file() -> None:
    assert violations("netsim/units.py", DOCSTRING + "x = 1\n" * 299) == []
    assert only_fault("x = 1\n" * 300) == "netsim/units.py:301: the file has 301 lines, at most 300"


def test_saboteur_long_function() -> None:
    head = 'def grow():\n    """Grows.\n\n    Slowly.\n    """\n'
    assert violations("netsim/units.py", DOCSTRING + head + "    x = 1\n" * 44) == []
    assert only_fault(head + "    x = 1\n" * 45) == "netsim/units.py:2: grow has 46 lines, at most 45"


def test_saboteur_many_parameters() -> None:
    source = 'def mix(a, b, /, c, *d, e, **f):\n    """Mixes."""\n'
    assert only_fault(source) == "netsim/units.py:2: mix has 6 parameters, at most 5"
    assert violations("netsim/cli/run.py", DOCSTRING + source) == []
    assert "6 parameters" in only_fault("def _mix(a, b, c, d, e, f): ...\n", "netsim/cli/run.py")


def test_saboteur_module_docstring() -> None:
    for source in ("", "x = 1\n", '"""Units"""\n', '"""A title without a stop\n\nThen a sentence.\n"""\n'):
        assert "docstring's first line" in violations("netsim/units.py", source)[0]


def test_saboteur_public_docstring() -> None:
    assert only_fault("def run(): ...\n") == "netsim/units.py:2: run is public and has no docstring"
    assert only_fault("class Run: ...\n") == "netsim/units.py:2: Run is public and has no docstring"
    assert violations("netsim/units.py", DOCSTRING + "def _run(): ...\n") == []


def test_saboteur_empty_names() -> None:
    for name in ("PodManager", "_ErrorHandler", "StageFactory", "BaseStage", "Base", "_BaseStage"):
        assert "does not say what it does" in only_fault(f'class {name}:\n    """A class."""\n')
    assert "does not say what it does" in only_fault("def _parse_utils(): ...\n")
    assert "does not say what it does" in only_fault("", "netsim/cni/utils.py")
    assert violations("netsim/analysis/utilisation.py", DOCSTRING + "def _base_rate(): ...\n") == []
