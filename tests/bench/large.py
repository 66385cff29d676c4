"""Loads and lowers a 100-node, 3,000-pod, 500-Service scenario; prints seconds and peak memory as JSON."""

import json
import resource
import tempfile
import time
from pathlib import Path

from netsim.lowering import lower
from netsim.scenario import load

WORKLOADS = 500


def peak() -> float:
    """MiB of memory that this process has used at most. getrusage would tell the parent's, whose copy it began as."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


def text() -> str:
    """The scenario file."""
    workloads = "\n".join(
        f"  - {{target: deployment/shop/app{number}, replicas: 6, ports: [8080], serviceTime: 1ms}}"
        for number in range(WORKLOADS)
    )
    services = "\n".join(
        f"  - {{name: shop/app{number}, selector: deployment/shop/app{number}, port: 80}}"
        for number in range(WORKLOADS)
    )
    traffic = "\n".join(
        f"  - {{name: t{number}, from: deployment/shop/app{number}, to: svc/shop/app{number + 1}, rate: 100/s}}"
        for number in range(20)
    )
    return f"""# How long do 100 nodes and 3,000 pods take to load?
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {{name: large}}
spec:
  run: {{duration: 1s}}
  cluster:
    podCIDR: 10.128.0.0/10
    nodePools:
    - {{name: node, count: 100, capacity: {{cpu: "16", memory: 64Gi, pods: 110}}}}
  cni: {{plugin: calico, encapsulation: None}}
  workloads:
{workloads}
  services:
{services}
  traffic:
{traffic}
"""


def main() -> None:
    """Measure once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.yaml"
        path.write_text(text())
        begin = time.perf_counter()
        study = load(path)
        program = lower(study.variants[0], seed=1)
        taken = time.perf_counter() - begin
    assert len(program.names.nodes) == 100
    most = peak()
    print(json.dumps({"seconds": taken, "mebibytes": most}))


if __name__ == "__main__":
    main()
