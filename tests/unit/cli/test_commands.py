"""The command line as users meet it: exit codes, streams, formats, and no traceback whatever happens."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import netsim
from netsim import cli
from netsim.lowering import lower
from netsim.scenario import load
from tests.unit.cli.files import write_scenario

ROOT = Path(__file__).parents[3]


def call(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run netsim in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "COLUMNS": "100",
        **options.pop("env", {}),
    }
    return subprocess.run(
        [sys.executable, "-m", "netsim", *map(str, arguments)],
        **{"capture_output": True, "text": True, "env": environment, "timeout": 60, **options},
    )


@dataclass
class Inside:
    """Runs netsim in this process, which saves the start of another; ``main`` ends in SystemExit either way."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        self.monkeypatch.setattr(sys, "argv", ["netsim", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, told = self.capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out, told)


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Inside:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return Inside(monkeypatch, capsys)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenario(tmp_path_factory.mktemp("scenario"))


def test_the_version_is_the_projects() -> None:
    assert call("--version").stdout == f"netsim {netsim.__version__}\n"
    assert f'version = "{netsim.__version__}"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("netsim.cli", {"numpy", "pandas", "matplotlib", "pydantic", "simpy", "typer", "rich", "yaml"}),
        ("netsim.cli.verbs", {"numpy", "pandas", "matplotlib", "pydantic", "simpy"}),
    ],
)
def test_start_up_imports_nothing_heavy(module: str, heavy: set[str]) -> None:
    code = f"import sys; import {module}; print(sorted(set({sorted(heavy)}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_run_prints_the_answer_and_keeps_it(file: Path, tmp_path: Path) -> None:
    done = call("run", file, "--out", tmp_path, "--jobs", "1")
    assert done.returncode == 0
    assert "users: latency and throughput" in done.stdout
    assert "\x1b" not in done.stdout
    [directory] = tmp_path.iterdir()
    assert done.stderr == f"written to {directory}\n"
    assert (directory / "manifest.json").exists()
    assert (directory / "latency.png").exists()


@pytest.mark.parametrize("verb", ["run", "compare"])
def test_json_and_yaml_are_the_result(file: Path, tmp_path: Path, verb: str) -> None:
    told = [call(verb, file, "--out", tmp_path, "--no-plots", "--jobs", "1", "-o", form) for form in ("json", "yaml")]
    found = json.loads(told[0].stdout)
    assert found["kind"] == "Result"
    assert yaml.SafeLoader(told[1].stdout).get_single_data() == found
    [directory] = tmp_path.iterdir()
    assert json.loads((directory / "result.json").read_text()) == found


def test_csv_and_markdown(file: Path, tmp_path: Path, inside: Inside) -> None:
    common = ("--out", tmp_path, "--no-plots", "--jobs", "1", "--duration", "20ms", "--replications", "1")
    assert inside("run", file, *common, "-o", "csv").stdout.startswith("scenario,seed,variant,cni,")
    assert inside("run", file, *common, "-o", "markdown").stdout.startswith("### two-pods\n")


def test_compare_takes_a_baseline(file: Path, tmp_path: Path, inside: Inside) -> None:
    common = ("--out", tmp_path, "--no-plots", "--jobs", "1", "--duration", "20ms")
    done = inside("compare", file, *common, "--baseline", "flannel-vxlan")
    assert "p99 to flannel-vxlan" in done.stdout
    wrong = inside("compare", file, *common, "--baseline", "flanel-vxlan")
    assert wrong.returncode == 2
    assert "Did you mean 'flannel-vxlan'?" in wrong.stderr


@pytest.mark.slow
def test_the_same_command_prints_the_same_bytes_anywhere(file: Path, tmp_path: Path) -> None:
    told = set()
    for number, extra in enumerate(
        ({"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"})
    ):
        place = tmp_path / f"a place {number}"
        place.mkdir()
        done = call("run", file, "--no-plots", "--jobs", str(number + 1), "-o", "json", env=extra, cwd=place)
        told.add(done.stdout)
        assert (place / "results").exists()
    assert len(told) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "nonsense"),
        (["run"], "Missing argument"),
        (["run", "no-such-file.yaml"], "no such file"),
        (["run", "FILE", "--duration", "5"], "is not a duration"),
        (["run", "FILE", "--duration", "0s"], "longer than nothing"),
        (["run", "FILE", "--replications", "0"], "--replications"),
        (["run", "FILE", "--jobs", "none"], "--jobs"),
        (["run", "FILE", "--engine", "warp"], "engine 'warp' is not known"),
        (["run", "FILE", "-o", "excel"], "excel"),
        (["trace", "FILE", "--request", "100000000"], "no request 100000000"),
        (["trace", "FILE", "--traffic", "user"], "Did you mean 'users'?"),
        (["trace", "FILE", "--variant", "hots"], "Did you mean 'host'?"),
        (["explain", "flanel"], "Did you mean 'flannel'?"),
        (["explain", "flannel", "--mode", "vxlam"], "Did you mean 'vxlan'?"),
        (["explain", "flannel", "--size", "1 cow"], "--size"),
        (["explain", "spec.trafic"], "Did you mean 'traffic'?"),
        (["list", "cows"], "cows"),
        (["check", "no-such-file.yaml"], "no such file"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_2(
    file: Path, tmp_path: Path, arguments: list[str], words: str, inside: Inside
) -> None:
    done = inside(*(str(file) if word == "FILE" else word for word in arguments))
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_bad_scenario_exits_2_with_its_place(tmp_path: Path, inside: Inside) -> None:
    path = write_scenario(tmp_path)
    path.write_text(path.read_text().replace("flannel, backend", "flanel, backend"))
    done = inside("run", path)
    assert done.returncode == 2
    assert f"{path}:15:" in done.stderr
    assert "flannel" in done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("cni", ["host", "kubenet", "flannel", "calico", "canal", "weave", "cilium"])
def test_explain_draws_every_cni_with_sources(cni: str, inside: Inside) -> None:
    done = inside("explain", cni)
    assert done.returncode == 0, done.stderr
    assert "socket-send" in done.stdout
    assert "wire: " in done.stdout
    assert done.stdout.split("\nsources\n")[1].startswith("[1] ")
    first = inside("explain", cni, "--first", "-o", "json")
    assert any(
        stage["stage"] == "tcp-accept"
        for path in json.loads(first.stdout).values()
        for visit in path
        for stage in visit["stages"]
    )


def test_explain_tells_a_field(inside: Inside) -> None:
    assert "requests per second" in inside("explain", "spec.traffic.rate").stdout
    assert "    nodePort: the client" not in inside("explain", "spec.traffic").stdout
    assert "client picks any node at random" in inside("explain", "spec.traffic.via").stdout


@pytest.mark.parametrize("kind", ["cni", "proxy", "fabric", "balancing", "stages", "costs", "scenarios"])
def test_list_names_what_there_is(kind: str, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = inside("list", kind, "-o", "json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert rows
    assert all(list(row) == list(rows[0]) and all(row.values()) for row in rows)
    assert inside("list", kind).stdout.splitlines()[0].startswith(next(iter(rows[0])))


def test_check_holds_every_law(file: Path, inside: Inside) -> None:
    done = inside("check", file, "--duration", "20ms")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()[1:]
    assert len(lines) == 26
    assert all(line.split()[1:3] == ["2", "held"] for line in lines)


def test_check_dumps_the_program_of_every_variant(file: Path, inside: Inside) -> None:
    done = inside("check", file, "--dump")
    variants = load(file).variants
    assert done.stdout == "\n".join(
        lower(replace(one, run=replace(one.run, duration=min(10**11, one.run.duration))), one.run.seed).dump()
        for one in variants
    )
    assert done.stdout.count("fabric: next_hop") == len(variants)


def test_schema_is_json(inside: Inside) -> None:
    assert json.loads(inside("schema").stdout)["$schema"].startswith("http://json-schema.org/")


def test_a_full_disk_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        done = call("list", "cni", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == "netsim: cannot write: No space left on device\n"


def test_a_closed_pipe_is_silent(file: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = call("list", "stages", capture_output=False, stdout=closed, stderr=subprocess.PIPE)
    assert done.returncode == 0
    assert done.stderr == ""


def test_results_that_cannot_be_written_exit_1(file: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = call("run", file, "--duration", "20ms", "--jobs", "1", "--out", tmp_path / "taken")
    assert done.returncode == 1
    assert "taken" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_exits_130_soon_and_leaves_no_worker(file: Path, tmp_path: Path, jobs: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "netsim", "run", str(file), "--duration", "100s", "--jobs", jobs, "-v"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    assert "visits/s" in process.stderr.readline()
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    out, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - began < 5
    assert (out, told.splitlines()[-1]) == ("", "netsim: interrupted")
    assert gone(process.pid)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_worker_ends_with_its_parent(file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "netsim", "run", str(file), "--duration", "100s", "--jobs", "2", "-v"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    process.stderr.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert gone(process.pid)


def gone(group: int) -> bool:
    """Whether a process group ends within five seconds; what is left of it is killed."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return False


def test_python_gets_the_same_result(file: Path, tmp_path: Path, inside: Inside) -> None:
    told = json.loads(inside("run", file, "--no-plots", "--out", tmp_path, "-o", "json").stdout)
    found = netsim.run(file)
    del told["provenance"], found["provenance"]
    assert found == told
