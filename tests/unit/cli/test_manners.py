"""What netsim says besides the answer, and what it leaves behind when it is stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from netsim.cli.verbs import command
from tests.unit.cli.files import write_scenario
from tests.unit.cli.test_commands import ROOT, Inside, call, file, gone, inside

__all__ = ["file", "inside"]
SHORT = ("--duration", "20ms", "--replications", "1", "--no-plots", "--jobs", "1")
UNUSED = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\n"


@pytest.mark.parametrize("verb", ["run", "compare", "trace", "check"])
def test_what_is_not_used_is_told_once_on_stderr(verb: str, tmp_path: Path, inside: Inside) -> None:
    path = write_scenario(tmp_path)
    (tmp_path / "pods.yaml").write_text((tmp_path / "pods.yaml").read_text() + UNUSED)
    done = inside(verb, path, *(SHORT if verb in ("run", "compare") else SHORT[:2]))
    assert done.returncode == 0, done.stderr
    [told] = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert "1 object of kind 'CronJob' not used" in told
    assert "CronJob" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "FILE", "-o", "foo"], "'foo' is not one of 'table', 'json'"),
        (["run", "FILE", "--jobs", "0"], "greater than or equal to 1"),
        (["run", "FILE", "--seed", "-1"], "greater than or equal to 0"),
        (["run", "FILE", "--seed", str(1 << 62)], "--seed"),
        (["run", "FILE", "--replications", "10001"], "10000"),
        (["run", "FILE", "--duration", "100000000s"], "too large"),
        (["run", "-"], "not read from stdin"),
        (["run", "."], "this is a directory"),
        (["check", "-"], "not read from stdin"),
        (["trace", "FILE", "--percentile", "101"], "less than or equal to 100"),
        (["trace", "FILE", "--percentile", "nan"], "--percentile"),
        (["trace", "FILE", "--request", "-1"], "greater than or equal to 0"),
        (["compare", "FILE", "--baseline", "hots"], "Did you mean 'host'?"),
        (["explain", "trafic"], "Did you mean 'traffic'?"),
        (["explain", "flannel", "--size", "1MiB"], "Write 1B to 65483B"),
        (["explain", "flannel", "--size", "0B"], "Write 1B to 65483B"),
        (["rnu", "FILE"], "Did you mean 'run'?"),
        (["run", "FILE", "--jbos", "1"], "--jobs"),
    ],
)
def test_wrong_values_are_one_sentence_and_write_nothing(
    arguments: list[str], words: str, file: Path, tmp_path: Path, inside: Inside
) -> None:
    done = inside(*(str(file) if word == "FILE" else word for word in arguments))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert words in done.stderr
    assert "Value error" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_usage_error_names_the_help_of_its_verb(file: Path, inside: Inside) -> None:
    assert inside("run", file, "--jobs", "0").stderr.endswith("See 'netsim run --help'.\n")


@pytest.mark.parametrize("verb", ["run", "compare", "trace", "explain", "check", "schema", "list"])
def test_every_argument_and_option_is_explained_in_a_sentence(verb: str, inside: Inside) -> None:
    found = command().commands[verb]
    for parameter in found.params:
        assert parameter.help, parameter.name
        assert parameter.help.endswith("."), parameter.help
    done = inside(verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert found.help.partition("\n")[0] in done.stdout


def test_list_without_a_kind_tells_the_kinds_and_their_number(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    rows = json.loads(inside("list", "-o", "json").stdout)
    assert {row["list"] for row in rows} == {
        "cni", "proxy", "fabric", "balancing", "balancers", "controllers", "stages", "costs", "scenarios",
    }  # fmt: skip
    for row in rows:
        assert int(row["entries"]) == len(json.loads(inside("list", row["list"], "-o", "json").stdout)) > 0


def test_a_scenario_may_be_json(file: Path, tmp_path: Path, inside: Inside) -> None:
    written = yaml.SafeLoader(file.read_text()).get_single_data()
    (tmp_path / "pods.yaml").write_text((file.parent / "pods.yaml").read_text())
    (tmp_path / "scenario.json").write_text(json.dumps(written, indent=2))
    told = [inside("run", path, *SHORT, "-o", "csv").stdout for path in (file, tmp_path / "scenario.json")]
    assert told[0] == told[1] != ""


def test_running_twice_gives_one_directory_with_the_same_bytes(file: Path, tmp_path: Path, inside: Inside) -> None:
    kept = []
    for _ in range(2):
        assert inside("run", file, *SHORT, "--out", tmp_path / "out").returncode == 0
        [directory] = (tmp_path / "out").iterdir()
        kept.append({path.name: path.read_bytes() for path in directory.iterdir()})
    assert kept[0] == kept[1]


def test_an_out_that_cannot_be_written_is_told_before_the_run(file: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = call("run", file, "--duration", "1h", "--out", tmp_path / "taken" / "below", timeout=20)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"netsim: {tmp_path / 'taken'}: Not a directory\n"
    assert (tmp_path / "taken").read_text() == "a file"


@pytest.mark.slow
def test_sigterm_exits_143_and_leaves_nothing(file: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "netsim", "run", str(file), "--duration", "100s", "--jobs", "2", "-v"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert "visits/s" in process.stderr.readline()
    process.terminate()
    told = process.communicate(timeout=20)[1]
    assert process.returncode == 128 + signal.SIGTERM
    assert told.splitlines()[-1] == "netsim: terminated"
    assert gone(process.pid)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("cni.backend", ("Flannel", "default vxlan")),
        ("cni.encapsulation", ("Calico", "default IPIP")),
        ("proxy.mode", ("Service addresses",)),
        ("fabric.leafUplink", ("leaf and a spine", "default 100Gbit", "default 1us", "default 16MiB")),
        ("fabric.leafUplink.bandwidth", ("default 100Gbit",)),
        ("fabric.nicLatency", ("default 450ns",)),
        ("cni", ("backend", "hostRouting")),
    ],
)
def test_explain_tells_plug_in_fields_in_the_units_of_users(field: str, words: tuple[str, ...], inside: Inside) -> None:
    done = inside("explain", field)
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in words), done.stdout


def test_explain_tells_of_other_modes_and_the_pod_mtu(inside: Inside) -> None:
    done = inside("explain", "weave", "--mode", "sleeve")
    head = " ".join(done.stdout.split("\n\n")[0].split())
    assert "pod MTU 1,376" in head
    assert "--mode: fastdp, 'fastdp encrypted', 'sleeve encrypted'" in head
    assert "--first" in head
    assert "encapsulation" in done.stdout
    assert "no encapsulation" in inside("explain", "host").stdout
    assert inside("explain", "weave", "--mode", "SLEEVE").stdout == done.stdout
