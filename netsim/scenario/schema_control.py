"""What a scenario file says of events, of the control plane's clocks, and of how pods come and go."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from netsim.fabric._access import Loss
from netsim.model.quantities import Duration, Ratio
from netsim.model.workload import Control, Lifecycle
from netsim.scenario.fields import LinkRate, Reference, Section, SomeTime, Time, between, written
from netsim.units import PPM, UnitError, show_duration, show_ratio

ACTIONS = ("rollout", "scale", "nodeDown", "linkDown", "linkDegrade", "applyManifests")
MOST_PODS = 150_000


def amount(value: object) -> int:
    """A number of pods of ``1``, or a share as negative ppm of ``25%``; raises UnitError."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UnitError(f"{str(value)[:40]!r} is neither a number nor a share", "Write for example 1 or 25%.")
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    if text.isascii() and text.endswith("%") and text[:-1].isdigit() and len(text) < 6:
        return -int(text[:-1]) * (PPM // 100)
    raise UnitError(f"{text[:40]!r} is neither a number nor a share", "Write for example 1 or 25%.")


def _more(value: object) -> object:
    """Without the sign that says that a time is added."""
    return value.removeprefix("+") if isinstance(value, str) else value


def millicores(value: object) -> int:
    """Thousandths of a core of ``500m``, ``"2"`` or 0.5; raises UnitError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnitError(f"{str(value)[:40]!r} is no amount of CPU", 'Write for example 500m or "2".')
    text = str(value)
    number, scale = (text[:-1], 1) if text.endswith("m") else (text, 1000)
    whole, _, rest = number.partition(".")
    if not (text.isascii() and (whole + rest).isdigit() and len(number) < 12):
        raise UnitError(f"{text[:40]!r} is no amount of CPU", 'Write for example 500m or "2".')
    return int(whole or 0) * scale + int((rest or "0").ljust(3, "0")[:3]) * scale // 1000


Amount = Annotated[int, BeforeValidator(amount), WithJsonSchema({"type": ["string", "integer"], "examples": ["25%"]})]
"""A number of pods, or (negative) a share of them in ppm."""
MoreTime = Annotated[
    Duration, BeforeValidator(_more), between(1, 10**13, show_duration), WithJsonSchema({"examples": ["+200us"]})
]
Millicores = Annotated[
    int, BeforeValidator(millicores), WithJsonSchema({"type": ["string", "number"], "examples": ["500m"]})
]
"""Thousandths of a core."""
Share = Annotated[Ratio, between(PPM // 100, 100 * PPM, show_ratio)]


class StrategySection(Section):
    """How a rollout replaces pods."""

    max_surge: Amount | None = Field(None, description="pods more than wanted; the workload's own if left out")
    max_unavailable: Amount | None = Field(None, description="pods fewer than wanted; the workload's own if left out")


class EventSection(Section):
    """Something that happens at a time: one of rollout, scale, nodeDown, linkDown, linkDegrade and applyManifests."""

    at: Time = Field(description="when")
    for_: SomeTime | None = Field(
        None, alias="for", description="how long nodeDown, linkDown and linkDegrade last; for ever if left out"
    )
    rollout: Reference | None = Field(None, description="a workload whose pods are all replaced, deployment/ns/name")
    strategy: StrategySection | None = Field(None, description="of a rollout")
    scale: Reference | None = Field(None, description="a workload that gets another number of pods")
    replicas: int | None = Field(None, ge=0, le=MOST_PODS, description="that number")
    node_down: str | None = Field(None, max_length=253, description="a node whose machine fails")
    link_down: str | None = Field(
        None, max_length=600, description="a cable that breaks, such as leaf1-spine1; leaf1->spine1 is one direction"
    )
    silent: bool = Field(False, description="whether the ends of a broken cable do not notice it themselves")
    link_degrade: str | None = Field(None, max_length=600, description="a cable that gets worse")
    rate: LinkRate | None = Field(None, description="its rate meanwhile")
    latency: MoreTime | None = Field(None, description="time that it takes longer, +200us")
    loss: Loss | None = Field(None, description="share of frames that it loses")
    apply_manifests: list[str] | None = Field(
        None, min_length=1, max_length=100, description="manifests that are applied: NetworkPolicies, replicas"
    )

    @property
    def action(self) -> str:
        """The one that is given."""
        return next(key for key, name in ACTION_FIELDS.items() if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_action(self) -> "EventSection":
        given = [key for key, name in ACTION_FIELDS.items() if getattr(self, name) is not None]
        if len(given) != 1:
            what = f"has {' and '.join(given)}" if given else "has no action"
            raise UnitError(f"an event {what}", f"Write one of {', '.join(ACTIONS)}.")
        self._fits(given[0])
        return self

    def _fits(self, action: str) -> None:
        """Fields that belong to another action, and those that this one needs."""
        for name, owners in OWNERS.items():
            if name in self.model_fields_set and action not in owners:
                raise UnitError(f"{KEYS.get(name, name)} has no meaning for {action}", f"It belongs to {owners[0]}.")
        if action == "scale" and self.replicas is None:
            raise UnitError("scale needs replicas", "Write for example replicas: 5.")
        if action == "linkDegrade" and self.rate is None and self.latency is None and self.loss is None:
            raise UnitError("linkDegrade says nothing that gets worse", "Write rate, latency or loss.")


ACTION_FIELDS = dict(
    zip(ACTIONS, ("rollout", "scale", "node_down", "link_down", "link_degrade", "apply_manifests"), strict=True)
)
LASTING = ("nodeDown", "linkDown", "linkDegrade")
OWNERS: dict[str, tuple[str, ...]] = {
    "for_": LASTING,
    "strategy": ("rollout",),
    "replicas": ("scale",),
    "silent": ("linkDown",),
    "rate": ("linkDegrade",),
    "latency": ("linkDegrade",),
    "loss": ("linkDegrade",),
}
KEYS = {"for_": "for"}


class ProbeSection(Section):
    """A readinessProbe."""

    delay: Time = written("0", description="initialDelaySeconds")
    period: SomeTime = written("10s", description="periodSeconds")


class LifecycleSection(Section):
    """How pods come and go that no manifest describes."""

    readiness: ProbeSection | Literal["none"] = Field(
        "none", description="their readinessProbe\nnone: they are ready as soon as their container runs."
    )
    pre_stop: Time = written("0", description="how long their preStop hook sleeps")
    grace: Time = written("30s", description="terminationGracePeriodSeconds")
    cpu_request: Millicores = Field(0, description="CPU that they request, 500m; an autoscaler needs it")


class ScalingSection(Section):
    """A HorizontalPodAutoscaler on CPU."""

    min_replicas: int = Field(1, ge=1, le=MOST_PODS, description="least number of pods")
    max_replicas: int = Field(ge=1, le=MOST_PODS, description="most pods")
    cpu: Share = written("80%", description="CPU that pods use on average, of their request")


def _hold(value: Any) -> str:
    return "~auto" if value == "auto" else "~time"


AutoTime = Annotated[
    Annotated[Literal["auto"], Tag("~auto")] | Annotated[SomeTime, Tag("~time")], Discriminator(_hold)
]


def clock(name: str, description: str) -> Any:
    """A clock of the control plane with its default as a user would write it."""
    return written(show_duration(getattr(Control(), name)), description=description)


class ControlSection(Section):
    """The clocks of the control plane."""

    watch: Time = clock("watch", "mean time from a change at the API server to whoever watches it (assumed)")
    lease: SomeTime = clock("lease", "how often a kubelet renews its node's lease")
    grace_period: SomeTime = written(
        show_duration(Control().grace),
        "--node-monitor-grace-period: how long a node without a lease counts as ready\n"
        "50s from Kubernetes 1.32 on, 40s before.",
    )
    eviction: Time = clock("eviction", "how long pods stay bound to a node that is not ready (tolerationSeconds)")
    endpoint_batch: Time = written("0", "--endpointslice-updates-batch-period")
    hpa_sync: SomeTime = clock("hpa_sync", "--horizontal-pod-autoscaler-sync-period")
    health_check: SomeTime = clock("check", "how often a load balancer asks every node")
    health_threshold: int = Field(
        Control().threshold, ge=1, le=100, description="answers in a row before it believes them (assumed)"
    )
    hold: SomeTime = written(
        show_duration(Control().hold),
        "BGP hold time in the fabric: how long its routers believe in a peer that fell silent\n"
        "9s with FRR's datacenter profile, 180s with its traditional one. Where the light is lost they notice at once.",
    )
    route_hold: AutoTime = Field(
        "auto",
        description="how long nodes keep their routes to one that is dead\n"
        "auto: 240s between Calico's nodes with BGP (BIRD's hold time), for ever with other CNIs. A lease of Flannel "
        "in etcd is 24h.",
    )
    bfd: SomeTime | None = Field(
        None, description="time in which BFD notices a silent peer, 900ms with FRR's defaults; no BFD if left out"
    )

    def model(self) -> Control:
        """The noun."""
        return Control(
            watch=self.watch,
            lease=self.lease,
            grace=self.grace_period,
            eviction=self.eviction,
            batch=self.endpoint_batch,
            hpa_sync=self.hpa_sync,
            check=self.health_check,
            threshold=self.health_threshold,
            hold=self.hold,
            route_hold=None if self.route_hold == "auto" else self.route_hold,
            bfd=self.bfd,
        )


def lifecycle_of(startup: int, section: LifecycleSection | None) -> Lifecycle:
    """The noun; a process listens ``startup`` ps after its container's start."""
    if section is None:
        # Without a word of the scenario, pods tell when they listen, so that rollouts lose nothing by that.
        return Lifecycle(startup=startup, probe_period=10**12)
    probe = section.readiness if isinstance(section.readiness, ProbeSection) else None
    return Lifecycle(
        startup=startup,
        probe_delay=probe.delay if probe else 0,
        probe_period=probe.period if probe else 0,
        pre_stop=section.pre_stop,
        grace=section.grace,
        cpu_request=section.cpu_request,
    )
