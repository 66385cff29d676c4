"""What a scenario file says of the load of one stream: a request rate, bulk transfers, datagrams, transactions."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from netsim.model.quantities import Size
from netsim.scenario.fields import LinkRate, Memory, RequestRate, Section, SomeTime, between
from netsim.scenario.schema_transport import CongestionControl
from netsim.units import UnitError, show_size

LARGEST_DATAGRAM = 65_507  # bytes of payload in an IP packet of 65,535 (RFC 768, RFC 791)

DatagramSize = Annotated[Size, between(1, LARGEST_DATAGRAM, show_size)]
Streams = Annotated[int, Field(ge=1, le=100_000)]
_PAYLOAD = "payload of each; if left out, as much as TCP would put in a segment, as iperf3 does"


class RateStage(Section):
    """A stretch of time at one request rate."""

    duration: SomeTime = Field(description="how long")
    target: RequestRate = Field(description="the rate during it")


class StagedRate(Section):
    """A request rate that changes in steps."""

    stages: list[RateStage] = Field(min_length=1, max_length=10_000, description="the steps, in order")


def _rate_kind(value: Any) -> str:
    return "~stages" if isinstance(value, dict | StagedRate) else "~plain"


RateSection = Annotated[
    Annotated[RequestRate, Tag("~plain")] | Annotated[StagedRate, Tag("~stages")], Discriminator(_rate_kind)
]


class BulkSection(Section):
    """TCP streams that send all that the network takes. Nothing is answered."""

    streams: Streams = Field(1, description="transfers at the same time, each over a connection of its own")
    size: Memory | None = Field(
        None, description="bytes of each; without size and duration it lasts as long as the run"
    )
    duration: SomeTime | None = Field(None, description="how long each sends")
    congestion_control: CongestionControl | None = Field(
        None, description="of these streams; transport.congestionControl if left out"
    )

    @model_validator(mode="after")
    def _one_end(self) -> "BulkSection":
        if self.size is not None and self.duration is not None:
            raise UnitError("has both size and duration", "A stream ends by one of them.")
        return self


class DatagramSection(Section):
    """UDP streams. Nothing is answered, and what is lost stays lost."""

    streams: Streams = Field(1, description="streams at the same time, each from a socket of its own")
    size: DatagramSize | None = Field(None, description=_PAYLOAD)
    rate: LinkRate | None = Field(
        None,
        description="payload of each stream per time, as iperf3 -b\n"
        "If left out, each sends as fast as its core allows (iperf3 -b 0).",
    )
    duration: SomeTime | None = Field(None, description="how long each sends; as long as the run if left out")


class TransactionSection(Section):
    """Processes that have one request outstanding each, and ask again as soon as they are answered."""

    processes: int = Field(1, ge=1, le=100_000, description="processes at the same time")
    connect: bool = Field(
        False,
        description="whether each request opens a connection of its own\n"
        "false: every process keeps one (TCP_RR). true: connect, ask, be answered, and the server closes (TCP_CRR).\n"
        "TIME_WAIT is then the server's, and no port of the client stays taken.",
    )
