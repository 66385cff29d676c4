"""Field types of configuration models: text with a unit in a scenario file, a whole number in the model."""

from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from netsim.units import parse_bandwidth, parse_duration, parse_rate, parse_ratio, parse_size


def _quantity(parse: Callable[[str], int], example: str) -> tuple[BeforeValidator, WithJsonSchema]:
    def read(value: object) -> int:
        # YAML knows `0` and `1.5` as numbers; the grammar decides which of them need no unit.
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if not plain and not isinstance(value, str):
            raise ValueError(f"expected a quantity such as {example}, not {type(value).__name__}")
        return parse(str(value))

    return BeforeValidator(read), WithJsonSchema({"type": ["string", "number"], "examples": [example]})


_BANDWIDTH = _quantity(parse_bandwidth, "10Gbit")
_DURATION = _quantity(parse_duration, "250us")
_SIZE = _quantity(parse_size, "64KiB")
_RATE = _quantity(parse_rate, "2k/s")
_RATIO = _quantity(parse_ratio, "25%")

Bandwidth = Annotated[int, *_BANDWIDTH]
"""bit/s, written ``10Gbit``."""
Duration = Annotated[int, *_DURATION]
"""Picoseconds, written ``250us``."""
Size = Annotated[int, *_SIZE]
"""Bytes, written ``64KiB`` or ``1500B``."""
Rate = Annotated[int, *_RATE]
"""Events per 1,000 s, written ``2k/s``."""
Ratio = Annotated[int, *_RATIO]
"""Parts per million, written ``25%`` or ``0.25``."""
