"""The HorizontalPodAutoscaler controller: every 15 s it compares the CPU that pods use with their request."""

from collections.abc import Generator
from typing import Any

from simpy import Event

from netsim.control.api import Api, LivePod
from netsim.control.deployment import Deployment
from netsim.control.plane import Plane
from netsim.control.scaling import PERIOD, PPM, Usage, desired, limited, stabilised
from netsim.model.workload import Autoscaler

Steps = Generator[Event, Any, None]


class HorizontalPodAutoscaler:
    """Metrics are what a pod used since the last look, as metrics-server averages it over its resolution of 15 s."""

    def __init__(self, plane: Plane, api: Api, rule: Autoscaler, deployment: Deployment) -> None:
        self.plane, self.api, self.rule, self.deployment = plane, api, rule, deployment
        self.request = api.workloads[rule.workload].lifecycle.cpu_request
        self.before: list[int] = []
        self.looked = 0
        self.history: list[tuple[int, int]] = []
        self.added: list[tuple[int, int]] = []

    def run(self) -> Steps:
        """Look, think, scale; what there is at the start is the first recommendation (recordInitialRecommendation)."""
        self.history.append((self.plane.now, self.deployment.replicas))
        self.before = self.plane.counters().cpu
        while True:
            yield self.plane.wait(self.plane.clocks.hpa_sync)
            self.sync()

    def sync(self) -> None:
        """One decision."""
        now, current = self.plane.now, self.deployment.replicas
        usage = self.usage(now)
        bounds = self.rule.least, self.rule.most
        wanted = desired(current, self.rule.target, usage) if current else 0
        chosen = stabilised(now, wanted, self.history, (self.rule.up_window, self.rule.down_window), current)
        self.history.append((now, wanted))
        recently = sum(number for at, number in self.added if at > now - PERIOD)
        chosen = limited(chosen, current, recently, bounds) if current else 0
        if chosen > current:
            self.added.append((now, chosen - current))
        if chosen != current:
            mean = sum(usage.ready) // max(1, len(usage.ready))
            told = f"CPU at {mean // 10_000} % of the request: {chosen} pods"
            self.plane.note("autoscaler", self.rule.workload, told)
            self.deployment.scale(chosen)

    def usage(self, now: int) -> Usage:
        """What every pod used since the last look; pods that became ready since then count as not ready yet."""
        cpu, ready, unready = self.plane.counters().cpu, [], 0
        since, self.looked = self.looked, now
        for live in self.api.of_workload(self.rule.workload):
            if not live.ready or live.ready_since > since or live.endpoint >= len(self.before):
                unready += 1
            else:
                ready.append(self.share(live, cpu, now - since))
        self.before = cpu
        return Usage(tuple(ready), unready)

    def share(self, live: LivePod, cpu: list[int], time: int) -> int:
        """What a pod used in ppm of its request."""
        used = cpu[live.endpoint] - self.before[live.endpoint]
        return used * 1000 * PPM // (self.request * time)
