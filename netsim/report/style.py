"""How figures look: colours that all readers can tell apart, dashes besides, the same bytes each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito, "Color universal design", 2008, and three of the muted scheme of Tol, "Colour schemes", SRON, 2021;
# black last.
PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#B8A900", "#7F7F7F", "#332288", "#882255",
    "#44AA99", "#000000",
)  # fmt: skip
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (9, 2, 2, 2, 2, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "p", "h")
HATCHES = ("", "///", "...", "xxx")
OTHER = "#E3E3E3"

_LOOK: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "figure.dpi": 120,
}


@contextmanager
def look() -> Iterator[None]:
    """The same look on every machine, whatever its own settings of matplotlib are."""
    settings: dict[Any, Any] = {**matplotlib.rcParamsDefault, "backend": "agg", **_LOOK}
    with matplotlib.rc_context(settings):
        yield


def line(number: int) -> dict[str, Any]:
    """Colour, dashes and marker of the curve ``number``; the first 12 differ in colour and in marker."""
    return {
        "color": PALETTE[number % len(PALETTE)],
        "linestyle": DASHES[number % len(DASHES)],
        "linewidth": 1.8,
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 4.5,
        "markevery": (number % 4, 4),
    }


def fill(number: int) -> dict[str, Any]:
    """Colour of the bar ``number``, the same as the curve's, and hatching once all colours are used."""
    return {
        "facecolor": PALETTE[number % len(PALETTE)],
        "hatch": HATCHES[number // len(PALETTE) % len(HATCHES)],
        "edgecolor": "white",
        "linewidth": 0.5,
    }


def figure(width: float, height: float) -> Figure:
    """An empty figure in inches, drawn without a window system."""
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def png(drawn: Figure) -> bytes:
    """The picture, the same bytes for the same drawing: no date, no version of the software."""
    buffer = BytesIO()
    drawn.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
