"""Every mistaken or hostile file is refused with the right words at the right place."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netsim.errors import ScenarioError
from netsim.scenario import load

HERE = Path(__file__).parent
FILES = HERE / "files"


def expected() -> dict[str, list[str]]:
    """The table beside this file (test modules are no package)."""
    spec = importlib.util.spec_from_file_location("expected", HERE / "expected.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EXPECTED


EXPECTED = expected()


@pytest.mark.parametrize("name", EXPECTED)
def test_file_is_refused_with_the_right_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)
    with pytest.raises(ScenarioError) as raised:
        load(name)
    lines = str(raised.value).splitlines()
    for fragment in EXPECTED[name]:
        place = "" if fragment.startswith("manifests/") else f"{name}:"
        assert any(line.startswith(f"{place}{fragment}") for line in lines), (fragment, lines)
    assert all(line.isprintable() for line in lines)
    assert all(line.endswith((".", "?", "!")) for line in lines)


def test_every_file_is_in_the_table() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in FILES.iterdir() if path.is_file())


def test_there_are_enough() -> None:
    assert len(EXPECTED) >= 60


def test_pipe_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(ScenarioError, match="not a regular file"):
        load(pipe)


def test_device_is_not_read() -> None:
    with pytest.raises(ScenarioError, match="not a regular file"):
        load("/dev/zero")


def test_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text("a: 1")
    with pytest.raises(ScenarioError, match=r"no such file\. Did you mean 'web\.yaml'\?"):
        load(tmp_path / "wbe.yaml")


def test_too_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(ScenarioError, match="larger than 64 MiB"):
        load(path)


def test_link_out_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.yaml").write_text("kind: Secret")
    (inner / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    scenario = inner / "s.yaml"
    scenario.write_text(
        (FILES / "manifest_missing.yaml").read_text().replace("manifests/nope.yaml", "link.yaml")
    )
    with pytest.raises(ScenarioError, match="leads out of the scenario's directory"):
        load(scenario)


def test_name_that_no_file_system_takes(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(tmp_path / ("x" * 5000))


BATCH = (
    "unknown_cni.yaml",
    "several_errors.yaml",
    "binary.yaml",
    "empty.yaml",
    "python_tag.yaml",
    "call_circle.yaml",
)


def test_command_line_says_it_and_ends_with_2(tmp_path: Path) -> None:
    if importlib.util.find_spec("netsim.cli") is None:
        pytest.skip("there is no command line yet")
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    for name in BATCH:
        command = [sys.executable, "-m", "netsim", "check", str(FILES / name)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
        )
        said = done.stdout + done.stderr
        assert done.returncode == 2, (name, said)
        assert "Traceback" not in said, (name, said)
        # Terminals wrap lines.
        assert "".join(EXPECTED[name][0].split()) in "".join(said.split()), (name, said)
    assert not list(tmp_path.iterdir())
