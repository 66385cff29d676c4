"""The benchmark command: ratios of medians of interleaved rounds, measured in one run on one machine.

``python -m tests.bench [ROUNDS]`` prints a table and writes it to results/bench/.
"""

import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from tests.bench import plain_simpy
from tests.programs import SHARED, Chain, constant_law

PACKETS = 8_000
MSS = 1448
STATIONS = 12
GBIT = 10**9
RATES = [10 * GBIT, 8 * GBIT, 9 * GBIT, 12 * GBIT] * 3
TRAVEL = 100_000


def arrival_times(count: int, gap: int) -> list[int]:
    """``count`` times whose gaps are uniform between 0 and twice ``gap``, from a plain congruential generator."""
    state, now, found = 1, 0, []
    for _ in range(count):
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        now += (state >> 33) * 2 * gap >> 31
        found.append(now)
    return found


def chain_workload(packets: int) -> tuple[Callable[[], list[int]], Callable[[], list[int]], int]:
    """The same 12-station chain at 70 % of the slowest link's rate, requests of ``packets`` full frames each: plain
    SimPy, netsim, and the number of packet visits."""
    from netsim.engines import run

    service = [-(-8 * (MSS + 52 + 38) * 10**12 // rate) for rate in RATES]
    arrivals = arrival_times(PACKETS // packets, max(service) * packets * 10 // 7)
    each = [at for at in arrivals for _ in range(packets)]
    program = Chain(
        arrivals,
        rates=RATES,
        payload=constant_law(MSS * packets),
        travel=TRAVEL,
        quantum=1,
        duration=arrivals[-1] + 10**9,
        mode=SHARED,
    ).program()
    return (
        lambda: plain_simpy.chain(each, service, TRAVEL)[packets - 1 :: packets],
        lambda: run(program).requests.completed.tolist(),
        len(each) * STATIONS,
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def chain_rows(rounds: int, packets: int) -> dict[str, float]:
    """Interleaved rounds of the chain; the two must give the same departures."""
    plain, ours, visits = chain_workload(packets)
    assert plain() == ours(), "the two chains disagree"
    times = [(seconds(plain), seconds(ours)) for _ in range(rounds)]
    ratio = statistics.median(slow / fast for slow, fast in times)
    title = f"chain of {STATIONS}, requests of {packets} packet{'s' if packets > 1 else ''}"
    return {
        f"{title}: plain SimPy Resource, visits/s": visits / statistics.median(slow for slow, _ in times),
        f"{title}: reference engine, visits/s": visits / statistics.median(fast for _, fast in times),
        f"{title}: reference engine against plain SimPy, ratio per visit": ratio,
    }


def process_rows(rounds: int) -> dict[str, float]:
    """Whole processes: the version, and a 100-node, 3,000-pod scenario loaded and lowered."""
    version_times = [seconds(lambda: _quiet("-m", "netsim", "--version")) for _ in range(rounds)]
    large = [json.loads(_quiet("-m", "tests.bench.large")) for _ in range(3)]
    return {
        "netsim --version, s": statistics.median(version_times),
        "100 nodes, 3,000 pods: load and lower, s": statistics.median(one["seconds"] for one in large),
        "100 nodes, 3,000 pods: peak memory, MiB": max(one["mebibytes"] for one in large),
    }


def _quiet(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Measure, print, and write results/bench/."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    rows = chain_rows(rounds, packets=1) | chain_rows(rounds, packets=10) | process_rows(rounds)
    about = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rounds": rounds,
        **{name: version(name) for name in ("simpy", "numpy", "pydantic")},
        "peak memory of this process, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    lines = [
        f"| {name} | {value:,.3g} |" if value < 1000 else f"| {name} | {value:,.0f} |" for name, value in rows.items()
    ]
    text = "\n".join(["| what | median |", "| --- | ---: |", *lines, "", f"{about}", ""])
    print(text)
    folder = Path("results/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.md").write_text(text)
    (folder / "bench.json").write_text(json.dumps({"rows": rows, "about": about}, indent=2) + "\n")


if __name__ == "__main__":
    main()
