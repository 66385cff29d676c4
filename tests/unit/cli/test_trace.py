"""One request's journey on the command line: its stages in the order of the kernel, and requests without an answer."""

import json
from pathlib import Path

from tests.unit.cli.test_commands import Inside, file, inside

__all__ = ["file", "inside"]


def test_trace_sums_to_the_latency(file: Path, inside: Inside) -> None:
    done = inside("trace", file, "--variant", "flannel-vxlan", "--percentile", "99")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "flannel-vxlan   answered in" in lines[0]
    assert lines[-1].split()[:2] == [lines[0].split("answered in ")[1].split()[0], "answered"]
    assert any("vxlan-push" in line for line in lines)
    assert any("on the wire" in line for line in lines)
    rows = json.loads(inside("trace", file, "--variant", "flannel-vxlan", "--percentile", "99", "-o", "json").stdout)
    total = sum(row["wait_ps"] + row["work_ps"] for row in rows)
    assert f"{total / 1e6:,.3f}" == lines[-1].split()[0]


def test_trace_finds_a_request_by_number(file: Path, inside: Inside) -> None:
    assert inside("trace", file, "--request", "17").stdout.startswith("users request 17 ")


def test_rules_stand_where_netfilter_sees_the_packet(file: Path, inside: Inside) -> None:
    done = inside("trace", file, "--variant", "flannel-vxlan", "--request", "0", "-o", "json")
    stages = [row["stage"] for row in json.loads(done.stdout)]
    rules = [number for number, stage in enumerate(stages) if stage == "iptables-rule"]
    assert rules
    assert all(stages[number - 1] == "kube-services" for number in rules)
    assert max(rules) < stages.index("tcp-accept")


def test_explain_draws_rules_behind_the_translation(inside: Inside) -> None:
    for path in json.loads(inside("explain", "flannel", "--first", "-o", "json").stdout).values():
        stages = [stage["stage"] for visit in path for stage in visit["stages"]]
        assert stages[stages.index("kube-services") + 1] == "iptables-rule"
        assert stages[-1] == "tcp-accept"


BULK = """\
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: flows}
spec:
  run: {duration: 20ms}
  cluster: {nodePools: [{name: n, count: 2}]}
  workloads: [{target: pod/a, node: n-0}, {target: pod/b, node: n-1, ports: [80]}]
  traffic:
  - {name: endless, from: pod/a, to: pod/b, bulk: {streams: 1}}
  - {name: files, from: pod/a, to: pod/b, bulk: {streams: 2, size: 256KiB}}
  - {name: voice, from: pod/a, to: pod/b, datagrams: {size: 200B, rate: 1Mbit}}
"""


def test_trace_of_a_bulk_stream_is_its_last_bursts_journey(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "bulk.yaml").write_text(BULK)
    done = inside("trace", tmp_path / "bulk.yaml", "--traffic", "files")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("files stream ")
    assert "received in" in " ".join(lines[:2])
    assert lines[-1].split()[1] == "received"
    endless = inside("trace", tmp_path / "bulk.yaml", "--traffic", "endless").stdout
    assert "unfinished at the end of the run: only a stream that ends" in " ".join(endless.split())
    assert "SYN-ACK" in endless


def test_trace_begins_with_the_first_traffic_that_has_a_journey(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "bulk.yaml").write_text(BULK)
    assert inside("trace", tmp_path / "bulk.yaml").stdout.startswith("files stream ")
    endless, _, voice = BULK.split("traffic:\n")[1].splitlines()
    (tmp_path / "endless.yaml").write_text(BULK.split("traffic:\n")[0] + f"traffic:\n{voice}\n{endless}\n")
    assert inside("trace", tmp_path / "endless.yaml").stdout.startswith("endless stream 0")


def test_trace_says_why_datagrams_have_no_journey(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "bulk.yaml").write_text(BULK)
    done = inside("trace", tmp_path / "bulk.yaml", "--traffic", "voice")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "the datagrams of voice are counted, none is followed" in done.stderr


NODE_PORT = """\
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {name: lost}
spec:
  run: {duration: 4s}
  cluster: {nodePools: [{name: n, count: 3}], externals: [{name: old}]}
  workloads: [{target: deployment/web, pods: [{name: web-a, node: n-0}], ports: [80]}]
  services: [{name: web, selector: deployment/web, type: NodePort, externalTrafficPolicy: Local}]
  traffic:
  - {name: t, from: external/old, to: svc/web, via: nodePort, rate: 20/s, connections: {mode: perRequest}}
"""


def test_trace_tells_what_is_known_of_a_request_without_an_answer(tmp_path: Path, inside: Inside) -> None:
    (tmp_path / "lost.yaml").write_text(NODE_PORT)
    for number in range(10):
        done = inside("trace", tmp_path / "lost.yaml", "--request", str(number))
        assert done.returncode == 0, done.stderr
        if "unfinished" in done.stdout:
            break
    lines = done.stdout.splitlines()
    assert lines[0].endswith("unfinished at the end of the run")
    assert lines[2].split() == ["0.000", "SYN", "external/old", "svc/default/web", "0", "3", "0", "2", "never"]
    assert "no usable endpoint on n-" in lines[3]
    told = json.loads(inside("trace", tmp_path / "lost.yaml", "--request", str(number), "-o", "json").stdout)
    assert told["outcome"] == "unfinished"
    [syn] = told["transfers"]
    assert (syn["phase"], syn["retries"], syn["finished_ps"]) == ("SYN", 2, None)
