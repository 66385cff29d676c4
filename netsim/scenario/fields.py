"""The field types of scenario files: names, references, and quantities within sane bounds."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from netsim.model.config import Strict
from netsim.model.quantities import Bandwidth, Duration, Rate, Ratio, Size
from netsim.units import (
    PPM,
    UnitError,
    gbit,
    ms,
    ns,
    parse_duration,
    seconds,
    show_bandwidth,
    show_duration,
    show_rate,
    show_ratio,
    show_size,
)

DAY = seconds(86_400)
HOUR = seconds(3600)
LONGEST_MODERATION = ms(100)


class Section(Strict):
    """A mapping of a scenario file: camelCase keys, defaults written as a user would write them."""

    model_config = ConfigDict(alias_generator=to_camel, validate_default=True, use_attribute_docstrings=True)


def written(default: str, description: str) -> Any:
    """A field whose default is shown as a user would write it."""
    return Field(default, description=description)


def between(low: int, high: int, show: Callable[[int], str] = str) -> AfterValidator:
    """Refuses numbers outside [low, high]; the message shows them with their unit."""

    def check(value: int) -> int:
        if low <= value <= high:
            return value
        raise UnitError(f"{show(value)} is out of range", f"Write {show(low)} to {show(high)}.")

    return AfterValidator(check)


def _text(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    raise UnitError(f"expected {what}, not {type(value).__name__}")


# The names of RFC 1123, as Kubernetes requires them of its objects.
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_REFERENCE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?(/[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?)*")


def _label(value: str) -> str:
    if _LABEL.fullmatch(value):
        return value
    raise UnitError(f"{value[:80]!r} is not a name", "Use up to 63 of a-z, 0-9 and '-', not '-' at either end.")


def _subdomain(value: str) -> str:
    if len(value) <= 253 and _SUBDOMAIN.fullmatch(value):
        return value
    raise UnitError(f"{value[:80]!r} is not a name", "Use a-z, 0-9, '-' and '.', a letter or digit at both ends.")


def _reference(value: str) -> str:
    if len(value) <= 400 and _REFERENCE.fullmatch(value):
        return value
    raise UnitError(f"{value[:80]!r} is not a reference", "Write for example svc/shop/cart or deployment/shop/web.")


def _network(value: object) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    text = _text(value, "a network such as 10.244.0.0/16")
    try:
        network = ip_network(text)
    except ValueError as error:
        raise UnitError(f"{text[:80]!r} is not a network", f"{error}.") from None
    if not isinstance(network, IPv4Network):
        raise UnitError("IPv6 is not supported yet", "Write an IPv4 network such as 10.244.0.0/16.")
    return network


def _cores(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,7}000m", value):
        value = value.removesuffix("000m")
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnitError(f"{str(value)[:80]!r} is not a whole number of cores", 'Write for example "16".')
    return value


def _warmup(value: object) -> int | None:
    if value is None or value == "auto":
        return None
    return parse_duration(_text(value, "auto or a duration"))


def _moderation(value: object) -> int:
    plain = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if plain else _text(value, "off, adaptive or a time")
    if text in ("off", "adaptive"):
        return 0 if text == "off" else -1
    hint = f"Write off, adaptive, or a time of up to {show_duration(LONGEST_MODERATION)}, such as 50us."
    try:
        time = parse_duration(text)
    except UnitError:
        raise UnitError(f"{text[:80]!r} is neither off nor adaptive nor a time", hint) from None
    if time > LONGEST_MODERATION:
        raise UnitError(f"{show_duration(time)} is out of range", hint)
    return time


def _port_range(value: object) -> int:
    """How many ports the two numbers of net.ipv4.ip_local_port_range span."""
    match = re.fullmatch(r"([0-9]{1,5})[ \t]+([0-9]{1,5})", _text(value, "two port numbers"))
    if match is None or not 1 <= int(match[1]) <= int(match[2]) <= 65535:
        raise UnitError(f"{str(value)[:80]!r} is not a range of ports", 'Write for example "32768 60999".')
    return int(match[2]) - int(match[1]) + 1


def _address(value: object) -> IPv4Address:
    if isinstance(value, IPv4Address):
        return value
    text = _text(value, "an address such as 192.0.2.7")
    try:
        return IPv4Address(text)
    except ValueError:
        raise UnitError(f"{text[:80]!r} is not an IPv4 address", "Write for example 192.0.2.7.") from None


Address = Annotated[
    IPv4Address, BeforeValidator(_address), WithJsonSchema({"type": "string", "examples": ["192.0.2.7"]})
]
Label = Annotated[str, AfterValidator(_label)]
Subdomain = Annotated[str, AfterValidator(_subdomain)]
Reference = Annotated[str, AfterValidator(_reference)]
Network = Annotated[
    IPv4Network, BeforeValidator(_network), WithJsonSchema({"type": "string", "examples": ["10.244.0.0/16"]})
]
Cores = Annotated[
    int,
    BeforeValidator(_cores),
    between(1, 1024),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["16"]}),
]
WarmUp = Annotated[int | None, BeforeValidator(_warmup), WithJsonSchema({"type": "string", "examples": ["auto", "1s"]})]
Moderation = Annotated[
    int,
    BeforeValidator(_moderation),
    WithJsonSchema({"type": "string", "examples": ["off", "adaptive", "50us"]}),
]
PortRange = Annotated[
    int, BeforeValidator(_port_range), WithJsonSchema({"type": "string", "examples": ["32768 60999"]})
]

Time = Annotated[Duration, between(0, DAY, show_duration)]
SomeTime = Annotated[Duration, between(1, DAY, show_duration)]
AffinityTime = Annotated[Duration, between(seconds(1), DAY, show_duration)]  # timeoutSeconds: 1 to 86400
DrawnTime = Annotated[Duration, between(0, HOUR, show_duration)]
DrawnSize = Annotated[Size, between(1, 1 << 30, show_size)]
Memory = Annotated[Size, between(1, 1 << 50, show_size)]
SuperPacket = Annotated[Size, between(65_536, 512 << 10, show_size)]
LinkRate = Annotated[Bandwidth, between(1_000, gbit(10_000), show_bandwidth)]
RequestRate = Annotated[Rate, between(0, 10**12, show_rate)]
Probability = Annotated[Ratio, between(0, PPM, show_ratio)]
Speed = Annotated[Ratio, between(PPM // 100, 100 * PPM, show_ratio)]
PacketWork = Annotated[Duration, between(ns(1), seconds(1), show_duration)]
Port = Annotated[int, Field(ge=1, le=65535)]
Mtu = Annotated[int, Field(ge=576, le=9978)]  # what an IPv4 host must take (RFC 791), what a ConnectX does (mlx5)
