"""What a scenario file says of TCP sockets: congestion control, windows, acknowledgements, loss detection."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from netsim import congestion
from netsim.errors import nearest, quote
from netsim.model.quantities import Duration, Size
from netsim.model.transport import Transport
from netsim.scenario.fields import Section, between, written
from netsim.units import UnitError, seconds, show_duration, show_size

NEEDS_ECN = "dctcp"


def _known(value: str) -> str:
    if value in congestion.names():
        return value
    raise UnitError(f"there is no congestion control {quote(value)}", nearest(value, congestion.names()))


CongestionControl = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(congestion.names())})
]
# Windows of more than 1 GiB cannot be told (RFC 7323, 2.3).
Window = Annotated[Size, between(1, 1 << 30, show_size)]
Delay = Annotated[Duration, between(0, seconds(1), show_duration)]


class TransportSection(Section):
    """How TCP sockets behave, on all machines; the defaults are Linux's."""

    congestion_control: CongestionControl = Field(
        "cubic",
        description="how the window grows and shrinks\n"
        "dctcp sets ecn; without an ecnThreshold in the fabric it only reacts to losses.",
    )
    ecn: bool = Field(
        False,
        description="whether congested ports mark packets of TCP in place of losing them later\n"
        "Ports mark where the fabric has an ecnThreshold; without one this does nothing.",
    )
    initial_window: int = Field(10, ge=1, le=1000, description="segments that a new connection may send at once")
    receive_window: Window = written("3MiB", description="what may be under way to a receiver or wait for its reader")
    delayed_ack: Delay = written("40ms", description="longest wait of an acknowledgement for a second segment")
    loss_detection: Literal["rack", "dupack"] = Field(
        "rack", description="how losses are found: by time (RACK-TLP), or by three duplicate acknowledgements"
    )
    slow_start_after_idle: bool = Field(True, description="whether the window shrinks while nothing is sent")
    hystart: bool = Field(False, description="whether slow start ends as soon as round trips grow (HyStart)")
    path_mtu_discovery: bool = Field(
        True, description="whether a report of a packet too large makes later ones smaller"
    )

    @model_validator(mode="after")
    def _marks(self) -> "TransportSection":
        if self.congestion_control == NEEDS_ECN and not self.ecn and "ecn" in self.model_fields_set:
            raise UnitError(f"{NEEDS_ECN} cannot do without ecn", "Leave ecn out.")
        return self

    def sockets(self, congestion_control: str | None = None) -> Transport:
        """The model of these sockets, or of those with another congestion control."""
        chosen = congestion_control or self.congestion_control
        return Transport(
            congestion_control=chosen,
            ecn=self.ecn or chosen == NEEDS_ECN,
            initial_window=self.initial_window,
            receive_window=self.receive_window,
            delayed_ack=self.delayed_ack,
            loss_detection=self.loss_detection,
            slow_start_after_idle=self.slow_start_after_idle,
            hystart=self.hystart,
            path_mtu_discovery=self.path_mtu_discovery,
        )
