"""A Deployment's arithmetic: how many pods of the new and the old template there may be next.

Source: kubernetes/kubernetes pkg/controller/deployment/rolling.go and util/deployment_util.go.
"""

from dataclasses import dataclass

PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Pods more than wanted that there may be, and fewer available ones."""

    surge: int
    unavailable: int


def resolved(max_surge: int, max_unavailable: int, replicas: int) -> Bounds:
    """Numbers of pods; shares (negative ppm) are rounded up of the surge and down of the unavailable, and one of the
    two is at least one."""
    surge = -(max_surge * replicas // PPM) if max_surge < 0 else max_surge
    unavailable = -max_unavailable * replicas // PPM if max_unavailable < 0 else max_unavailable
    return Bounds(surge, unavailable) if surge or unavailable else Bounds(0, 1)


@dataclass(frozen=True, slots=True)
class Count:
    """Pods of one template that are not terminating, and how many of them are available (ready)."""

    pods: int
    available: int


def new_pods(replicas: int, bounds: Bounds, new: Count, old: Count) -> int:
    """How many pods of the new template to create (negative: to delete)."""
    if new.pods >= replicas:
        return replicas - new.pods
    return max(0, min(replicas + bounds.surge - new.pods - old.pods, replicas - new.pods))


def old_pods(replicas: int, bounds: Bounds, new: Count, old: Count) -> tuple[int, int]:
    """How many pods of old templates to delete: such as are not available, and such as are."""
    least = replicas - bounds.unavailable
    room = new.pods + old.pods - least - (new.pods - new.available)
    unhealthy = max(0, min(old.pods - old.available, room))
    healthy = max(0, min(new.available + old.available - least, old.pods - unhealthy))
    return unhealthy, healthy
