"""Closed loops: users who wait for their answer, think, and ask again."""

import numpy as np

from netsim.engines import run
from tests.documents import document, program


def test_equal_think_times_do_not_march_in_step() -> None:
    stream = {"name": "t", "from": "pod/one", "to": "svc/web", "users": 50, "thinkTime": "10ms"}
    found = program(
        document(
            {
                "run": {"duration": "40ms", "warmup": "0", "seed": 1},
                "cluster": {"nodePools": [{"name": "a", "count": 2}]},
                "workloads": [
                    {"target": "pod/one", "node": "a-0"},
                    {"target": "deployment/web", "replicas": 1, "node": "a-1", "ports": [80]},
                ],
                "services": [{"name": "web", "selector": "deployment/web", "port": 80}],
                "traffic": [stream],
            }
        )
    )
    first = np.sort(run(found).requests.intended)[:50]
    assert len(np.unique(first)) == 50
    assert first[0] < 10**9
    assert 8 * 10**9 < first[-1] < 10**10
