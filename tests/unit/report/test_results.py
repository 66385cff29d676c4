"""A run's directory: complete, reproducible, verified by its manifest, never in place of something else."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from netsim.errors import UsageError
from netsim.report import results
from netsim.report.place import check_writable
from tests.unit.report.answers import result


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    return result()


def test_a_run_has_all_its_files_and_their_digests(answer: dict[str, Any], tmp_path: Path) -> None:
    directory = results.write(answer, tmp_path / "out")
    assert directory.name == f"two-pods-{'ab' * 6}"
    manifest = json.loads((directory / "manifest.json").read_text())
    assert {path.name for path in directory.iterdir()} == {*manifest["files"], "manifest.json"}
    assert manifest["files"].keys() == {
        "result.json", "latency.csv", "throughput.csv", "timeline.csv", "machines.csv", "stations.csv",
        "breakdown.csv", "ledger.csv",
        "latency.png", "breakdown.png", "throughput.png", "utilisation.png",
    }  # fmt: skip
    for name, digest in manifest["files"].items():
        assert sha256((directory / name).read_bytes()).hexdigest() == digest
    assert json.loads((directory / "result.json").read_text()) == answer
    assert [path.name for path in (tmp_path / "out").iterdir()] == [directory.name]


def test_the_same_result_is_the_same_bytes(answer: dict[str, Any], tmp_path: Path) -> None:
    first, second = (results.write(answer, tmp_path / name) for name in ("a", "b"))
    assert all((second / path.name).read_bytes() == path.read_bytes() for path in first.iterdir())


def test_a_run_replaces_itself(answer: dict[str, Any], tmp_path: Path) -> None:
    with_plots = results.write(answer, tmp_path)
    without = results.write(answer, tmp_path, plots=False)
    assert with_plots == without
    assert not list(without.glob("*.png"))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [None, "not JSON", "[]", '{"kind": "Other"}'])
def test_what_is_not_netsims_is_not_touched(answer: dict[str, Any], tmp_path: Path, content: str | None) -> None:
    target = tmp_path / f"two-pods-{'ab' * 6}"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    if content is not None:
        (target / "manifest.json").write_text(content)
    with pytest.raises(UsageError, match="no run of netsim"):
        results.write(answer, tmp_path, plots=False)
    assert (target / "thesis.txt").read_text() == "years of work"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_not_followed(answer: dict[str, Any], tmp_path: Path) -> None:
    elsewhere = results.write(answer, tmp_path / "real", plots=False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / elsewhere.name).symlink_to(elsewhere)
    with pytest.raises(UsageError, match="no run of netsim"):
        results.write(answer, tmp_path / "out", plots=False)


@pytest.mark.parametrize("broken", ["fsync", "rename"])
def test_a_failure_leaves_nothing_behind(
    answer: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    before = results.write(answer, tmp_path, plots=False)
    kept = (before / "result.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if broken == "fsync":
        monkeypatch.setattr("os.fsync", full)
    else:
        monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        results.write(answer, tmp_path, plots=False)
    assert [path.name for path in tmp_path.iterdir()] == [before.name]
    assert (before / "result.json").read_bytes() == kept


def test_an_older_run_survives_a_failed_replacement(
    answer: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = results.write(answer, tmp_path, plots=False)
    real = Path.rename

    def failing(source: Path, target: Path) -> Path:
        if source.name.startswith(".netsim-"):
            raise OSError(13, "Permission denied")
        return real(source, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Permission"):
        results.write(answer, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [before.name]
    assert (before / "manifest.json").exists()


def test_a_failure_at_any_file_operation_is_clean(
    answer: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    real, calls = os.fsync, [0]
    for fatal in range(1, 9):
        calls[0] = 0

        def failing(handle: int, fatal: int = fatal) -> None:
            calls[0] += 1
            if calls[0] == fatal:
                raise OSError(5, "Input/output error")
            real(handle)

        monkeypatch.setattr("os.fsync", failing)
        out = tmp_path / str(fatal)
        try:
            directory = results.write(answer, out, plots=False)
        except OSError:
            assert not [path for path in out.iterdir() if path.name.startswith(".")]
            for path in out.iterdir():  # the last one is the parent's own: the run is in place by then
                assert (path / "manifest.json").exists()
        else:
            assert (directory / "manifest.json").exists()
            assert calls[0] < fatal


@pytest.mark.parametrize("at", ["fsync", "first rename", "second rename", "after it"])
def test_an_interruption_leaves_the_older_run_or_the_newer(
    answer: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    before = results.write(answer, tmp_path, plots=False)
    real, renames = Path.rename, [0]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    def rename(source: Path, target: Path) -> Path:
        renames[0] += 1
        fatal = {"first rename": (1, False), "second rename": (2, False), "after it": (2, True)}.get(at)
        if fatal == (renames[0], False):
            raise KeyboardInterrupt
        moved = real(source, target)
        if fatal == (renames[0], True):
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", rename)
    if at == "fsync":
        monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        results.write(answer, tmp_path, plots=False)
    assert list(tmp_path.iterdir()) == [before]
    assert json.loads((before / "result.json").read_text()) == answer


def test_where_nothing_can_be_written_is_known_beforehand(tmp_path: Path) -> None:
    check_writable(tmp_path / "not" / "yet")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        check_writable(tmp_path / "file" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
