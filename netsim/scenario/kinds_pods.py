"""The fields of Kubernetes objects that say how pods come and go, and the shape that all objects have."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Kubernetes(BaseModel):
    """A mapping of a manifest."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, alias_generator=to_camel)


class Probe(Kubernetes):
    """How the kubelet finds out that a container is ready."""

    initial_delay_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    period_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None


class SleepAction(Kubernetes):
    """A hook that waits."""

    seconds: Annotated[int, Field(ge=0, le=86_400)]


class ExecAction(Kubernetes):
    """A hook that runs a command."""

    command: list[str] | None = None


class Hook(Kubernetes):
    """What is done before a container is told to end."""

    sleep: SleepAction | None = None
    command: ExecAction | None = Field(None, alias="exec")


class LifecycleHooks(Kubernetes):
    """The hooks of a container."""

    pre_stop: Hook | None = None


class ResourceAmounts(Kubernetes):
    """An amount of each resource."""

    cpu: int | float | str | None = None


class Resources(Kubernetes):
    """What a container asks for."""

    requests: ResourceAmounts | None = None


class RollingUpdate(Kubernetes):
    """How many pods at a time."""

    max_surge: int | str | None = None
    max_unavailable: int | str | None = None


class Strategy(Kubernetes):
    """How the pods of a Deployment are replaced."""

    type: str | None = None
    rolling_update: RollingUpdate | None = None


class ScaleTarget(Kubernetes):
    """What an autoscaler scales."""

    kind: str
    name: str


class MetricTarget(Kubernetes):
    """How much of it there should be."""

    type: str | None = None
    average_utilization: Annotated[int, Field(ge=1, le=10_000)] | None = None


class ResourceMetric(Kubernetes):
    """A resource that pods use."""

    name: str
    target: MetricTarget = MetricTarget()


class Metric(Kubernetes):
    """What an autoscaler looks at."""

    type: str
    resource: ResourceMetric | None = None


class ScalingRules(Kubernetes):
    """How fast it may go in one direction."""

    stabilization_window_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None


class ScalingBehaviour(Kubernetes):
    """How fast it may go."""

    scale_up: ScalingRules | None = None
    scale_down: ScalingRules | None = None


class AutoscalerSpec(Kubernetes):
    """autoscaling/v2, and of v1 the target of CPU."""

    scale_target_ref: ScaleTarget
    min_replicas: Annotated[int, Field(ge=0, le=150_000)] | None = None
    max_replicas: Annotated[int, Field(ge=1, le=150_000)]
    metrics: list[Metric] | None = None
    behavior: ScalingBehaviour | None = None
    target_cpu: Annotated[int, Field(ge=1, le=10_000)] | None = Field(None, alias="targetCPUUtilizationPercentage")
