"""A small scenario on disk: two nodes, a client, two servers, two variants, 100 ms."""

from pathlib import Path

PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: client, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {app: client}}
  template:
    metadata: {labels: {app: client}}
    spec: {containers: [{name: c, image: x}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: server, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: server}}
  template:
    metadata: {labels: {app: server}}
    spec: {containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server, namespace: default}
spec:
  selector: {app: server}
  ports: [{port: 80}]
"""

SCENARIO = """\
# Does the overlay cost more than the wire?
apiVersion: netsim/v1alpha1
kind: Scenario
metadata: {{name: two-pods}}
spec:
  manifests: [./pods.yaml]
  run: {{duration: 100ms, seed: 1, replications: 2, warmup: {warmup}}}
  cluster:
    nodePools:
    - {{name: web, count: 2, capacity: {{cpu: "4"}}}}
  traffic:
  - {{name: users, from: deployment/default/client, to: svc/default/server, rate: {rate}, response: 4KiB}}
  compare:
  - {{name: host, set: {{cni: {{plugin: host}}}}}}
  - {{name: flannel-vxlan, set: {{cni: {{plugin: flannel, backend: vxlan}}}}}}
"""


def write_scenario(folder: Path, warmup: str = "auto", rate: str = "4000/s") -> Path:
    """The scenario file in ``folder``, with its manifests beside it."""
    (folder / "pods.yaml").write_text(PODS)
    path = folder / "scenario.yaml"
    path.write_text(SCENARIO.format(warmup=warmup, rate=rate))
    return path
