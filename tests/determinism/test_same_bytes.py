"""The same scenario gives the same bytes, whatever the hash seed, folder, locale, processor features and processes."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from numpy._core import _multiarray_umath as numpy_core

from tests.documents import document

ROOT = Path(__file__).parents[2]
RUN = """
import sys; sys.path.insert(0, sys.argv.pop(1))
from netsim.cli import main
from netsim.engines import run
from netsim.lowering import lower
from netsim.scenario import load
for scenario in load(sys.argv[2]).variants:
    program = lower(scenario, 7)
    print(program.fingerprint(), run(program).digest())
main()
"""

SPEC: dict[str, Any] = {
    "run": {"duration": "20ms", "warmup": "0", "seed": 7, "replications": 2},
    "cluster": {
        "nodePools": [{"name": "node", "count": 3, "capacity": {"cpu": "2"}, "nics": [{"bandwidth": "1Gbit"}]}],
        "externals": [{"name": "far"}],
    },
    "fabric": {"topology": "leaf-spine", "leafUplink": {"bandwidth": "1Gbit", "buffer": "20kB"}},
    "workloads": [
        {
            "target": "deployment/shop/web",
            "replicas": 3,
            "ports": [80],
            "cpuTime": {"dist": "lognormal", "median": "60us", "p99": "250us"},
            "calls": [{"parallel": [{"to": "svc/shop/db"}, {"to": "external/far", "probability": "50%"}]}],
        },
        {
            "target": "deployment/shop/db",
            "replicas": 2,
            "ports": [90],
            "serviceTime": {"dist": "pareto", "min": "20us", "p99": "1ms"},
        },
    ],
    "services": [
        {"name": "shop/web", "selector": "deployment/shop/web", "type": "LoadBalancer"},
        {"name": "shop/db", "selector": "deployment/shop/db"},
    ],
    "traffic": [
        {
            "name": "users",
            "from": "internet",
            "to": "svc/shop/web",
            "via": "loadBalancer",
            "rate": "3k/s",
            "rtt": {"dist": "lognormal", "median": "1ms", "p99": "3ms"},
            "response": {"dist": "exponential", "mean": "20kB"},
        },
        {
            "name": "crawl",
            "from": "external/far",
            "to": "svc/shop/web",
            "via": "nodePort",
            "users": 5,
            "response": "100kB",
        },
    ],
    "compare": [
        {"name": "flannel", "set": {"cni": {"plugin": "flannel", "backend": "vxlan"}}},
        {"name": "calico", "set": {"cni": {"plugin": "calico", "encapsulation": "IPIP"}}},
        {"name": "cilium", "set": {"cni": {"plugin": "cilium", "routing": "native"}}},
    ],
}


def processor_features() -> tuple[str, str]:
    """What numpy may be told to leave unused here: the widest vectors, and all that it chooses at run time."""
    found = [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)]
    return " ".join(name for name in found if "512" in name or name == "X86_V4"), " ".join(found)


WIDEST, ALL = processor_features()
PLAIN, ODD = "plain", "with spaces and ü"
TURKISH = "tr_TR.UTF-8"  # where "I".lower() is not "i", if the machine knows the locale
# PYTHONHASHSEED, working directory, LC_ALL, NPY_DISABLE_CPU_FEATURES, processes
COMBINATIONS = [
    ("0", PLAIN, "C", "", 1),
    ("0", ODD, TURKISH, WIDEST, 2),
    ("0", PLAIN, TURKISH, ALL, 1),
    ("0", ODD, "C", ALL, 2),
    ("1", PLAIN, TURKISH, "", 2),
    ("1", ODD, "C", WIDEST, 1),
    ("1", ODD, TURKISH, ALL, 1),
    ("1", PLAIN, "C", ALL, 2),
    ("random", ODD, TURKISH, "", 1),
    ("random", PLAIN, "C", WIDEST, 2),
    ("random", ODD, "C", ALL, 1),
    ("random", PLAIN, TURKISH, ALL, 2),
]


def answer(folder: Path, combination: tuple[str, str, str, str, int]) -> str:
    """SHA-256 of all that a run in its own process says: programs, digests, the whole Result but its provenance."""
    seed, name, locale, features, jobs = combination
    here = folder / name
    here.mkdir(exist_ok=True)
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "LC_ALL": locale,
        "NPY_DISABLE_CPU_FEATURES": features,
        "TZ": "Asia/Kathmandu",
    }
    options = ("-o", "json", "--no-plots", "--jobs", str(jobs), "--out", str(here / "results"))
    command = [sys.executable, "-c", RUN, str(ROOT), "run", str(folder / "scenario.yaml"), *options]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    lines, brace, rest = done.stdout.decode().partition("{")
    result = json.loads(brace + rest)
    assert result.pop("provenance")
    return hashlib.sha256((lines + json.dumps(result)).encode()).hexdigest()


def test_twelve_environments_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(json.dumps(document(SPEC)), encoding="utf-8")
    assert len(set(COMBINATIONS)) == len(COMBINATIONS) == 12
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda combination: answer(tmp_path, combination), COMBINATIONS))
    assert len(set(found)) == 1, dict(zip(COMBINATIONS, found, strict=True))


def test_saboteur_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    found = []
    for seed in (7, 8):
        changed = document(SPEC | {"run": SPEC["run"] | {"seed": seed}, "compare": SPEC["compare"][:1]})
        (tmp_path / "scenario.yaml").write_text(json.dumps(changed), encoding="utf-8")
        found.append(answer(tmp_path, COMBINATIONS[0]))
    assert found[0] != found[1]


@pytest.mark.skipif(not ALL, reason="numpy chooses nothing at run time on this processor")
def test_the_processor_features_can_be_switched_off() -> None:
    code = (
        "from numpy._core import _multiarray_umath as core\n"
        "print(any(core.__cpu_features__[name] for name in core.__cpu_dispatch__))"
    )
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": ALL}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
