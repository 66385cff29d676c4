"""The scenario file as a whole: apiVersion, kind, metadata and spec."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from netsim.scenario.fields import Section, SomeTime, Subdomain, WarmUp, written
from netsim.scenario.schema_cluster import ClusterSection
from netsim.scenario.schema_control import ControlSection, EventSection
from netsim.scenario.schema_entry import ControllerChoice
from netsim.scenario.schema_traffic import ServiceSection, TrafficSection, WorkloadSection
from netsim.scenario.schema_transport import TransportSection
from netsim.units import UnitError

# Written here, not taken from the plug-ins, so that a file without `cni:` means the same for ever.
DEFAULTS = {"cni": {"plugin": "flannel"}, "fabric": {"topology": "flat"}}

# Fields of the design that are not built yet, by the mapping that they belong to ("" is spec).
PLANNED = {
    "": ("slo", "sweep", "capacity", "policies", "percentiles"),
    "replications": ("max", "untilRelativeHalfWidth"),
    "cluster": ("kubernetesVersion",),
    "cni": ("profile",),
    "traffic": ("fromFlows",),
    "law": ("file",),
}


Runs = Annotated[int, Field(ge=1, le=10_000)]


class Metadata(Section):
    """What the scenario is called."""

    name: Subdomain = Field(description="its name, which results are filed under")
    labels: dict[str, str] = Field(default_factory=dict, description="free labels, kept for the reader")


class Replications(Section):
    """How many runs, each with luck of its own."""

    min: Runs | None = Field(None, description="number of runs")
    count: Runs | None = Field(None, description="the same as min")

    @model_validator(mode="after")
    def _one(self) -> "Replications":
        if (self.min is None) == (self.count is None):
            raise UnitError("needs either min or count")
        return self


def _replications_kind(value: Any) -> str:
    return "~mapping" if isinstance(value, dict | Replications) else "~plain"


class RunSection(Section):
    """How long and how often."""

    duration: SomeTime = written("10s", description="simulated time")
    warmup: WarmUp = written("auto", description="time left out of statistics; auto cuts by MSER-5")
    seed: int = Field(1, ge=0, le=(1 << 62) - 1, description="of all luck; shared by all variants")
    replications: Annotated[
        Annotated[Runs, Tag("~plain")] | Annotated[Replications, Tag("~mapping")],
        Discriminator(_replications_kind),
    ] = Field(1, description="number of runs with different luck")
    quantum: int = Field(8, ge=1, le=1024, description="frames per train on the wire; 1 is exact, 1024 is whole bursts")


class VariantSection(Section):
    """One side of a comparison."""

    name: Subdomain = Field(description="its name in results")
    set: dict[str, Any] = Field(
        default_factory=dict,
        description="dotted path under spec -> value; a mapping replaces the whole, a dotted key one leaf",
    )


class Spec(Section):
    """What is simulated."""

    manifests: list[str] = Field(
        default_factory=list, max_length=1000, description="Kubernetes manifests beside or below this file"
    )
    run: RunSection = Field(default_factory=RunSection, description="length, warm-up, seed, replications")
    cluster: ClusterSection = Field(default_factory=ClusterSection, description="machines and addresses")
    fabric: dict[str, Any] = Field(
        default_factory=DEFAULTS["fabric"].copy, description="the wires, by topology; flat if left out"
    )
    cni: dict[str, Any] = Field(default_factory=DEFAULTS["cni"].copy, description="the CNI, by plugin")
    proxy: dict[str, Any] | None = Field(
        None, description="kube-proxy, by mode; ebpf if the CNI replaces it, else iptables"
    )
    transport: TransportSection = Field(default_factory=TransportSection, description="TCP sockets of all machines")
    workloads: list[WorkloadSection] = Field(
        default_factory=list, max_length=10_000, description="what manifests cannot say of workloads"
    )
    ingress: ControllerChoice | None = Field(
        None, description="the ingress controller, by controller; nginx if left out and an Ingress is used"
    )
    services: list[ServiceSection] = Field(
        default_factory=list, max_length=10_000, description="Services that no manifest describes"
    )
    traffic: list[TrafficSection] = Field(min_length=1, max_length=1000, description="streams of requests or of bytes")
    events: list[EventSection] = Field(
        default_factory=list, max_length=1000, description="what happens while the scenario runs"
    )
    control: ControlSection = Field(default_factory=ControlSection, description="clocks of the control plane")
    compare: list[VariantSection] = Field(
        default_factory=list, max_length=200, description="variants side by side, on the same luck"
    )


class ScenarioFile(Section):
    """A scenario file."""

    api_version: Literal["netsim/v1alpha1"] = Field(description="version of this format")
    kind: Literal["Scenario"] = Field(description="kind of file")
    metadata: Metadata = Field(description="name and labels")
    spec: Spec = Field(description="what is simulated")
