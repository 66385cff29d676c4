"""Plain data that remembers where in its file each part was written."""

from collections.abc import Sequence
from typing import Any

from netsim.errors import Position

Place = tuple[int, int]
"""Line and column, both from 1."""
Step = str | int
NAMES = ("name", "target")


class Map(dict[str, Any]):
    """A mapping; ``places`` has, for each key, the place of the key and the place of its value."""

    __slots__ = ("at", "places")

    def __init__(self, at: Place) -> None:
        super().__init__()
        self.at = at
        self.places: dict[str, tuple[Place, Place]] = {}

    def put(self, step: Any, value: Any, places: tuple[Place, Place]) -> None:
        """Sets a key; ``places`` says where key and value were written."""
        self[step] = value
        self.places[step] = places

    def look(self, step: Any) -> Any:
        """The value of a key, or None."""
        return self.get(step)

    def copy(self) -> "Map":
        """The same keys and values at the same places; nested parts are shared."""
        twin = Map(self.at)
        twin.update(self)
        twin.places = self.places.copy()
        return twin


class Seq(list[Any]):
    """A list; ``places`` has the place of each item."""

    __slots__ = ("at", "places")

    def __init__(self, at: Place) -> None:
        super().__init__()
        self.at = at
        self.places: list[Place] = []

    def put(self, step: Any, value: Any, places: tuple[Place, Place]) -> None:
        """Sets an item; the second of ``places`` says where it was written."""
        self[step] = value
        self.places[step] = places[1]

    def look(self, step: Any) -> Any:
        """The item at an index."""
        return self[step]

    def copy(self) -> "Seq":
        """The same items at the same places; nested parts are shared."""
        twin = Seq(self.at)
        twin.extend(self)
        twin.places = self.places.copy()
        return twin


def item_name(item: object, index: int) -> str:
    """How a list item is called in paths: by its ``name`` or ``target``, else by its index."""
    if isinstance(item, dict):
        for key in NAMES:
            if isinstance(item.get(key), str):
                return str(item[key])
    return f"[{index}]"


class Trail:
    """The way from a root to the part that a path of keys and indices leads to, as far as it exists."""

    def __init__(self, root: Map | Seq, steps: Sequence[Step]) -> None:
        self.names: list[str] = []
        self.steps: list[Step] = []
        self.holder: Map | Seq = root
        self.value: Any = root
        self.key_place = self.place = root.at
        for step in steps:
            self._go(step)

    def _go(self, step: Step) -> None:
        # What does not exist here is the tag that pydantic adds for a member of a union.
        here = self.value
        if isinstance(here, Map) and step in here:
            self.key_place, self.place = here.places[str(step)]
            self.names.append(str(step))
        elif isinstance(here, Seq) and isinstance(step, int) and step < len(here):
            self.key_place = self.place = here.places[step]
            self.names.append(item_name(here[step], step))
        else:
            return
        self.steps.append(step)
        self.holder, self.value = here, here[step]

    @property
    def path(self) -> str:
        """The way in words: ``cluster.nodePools.web.count``."""
        return ".".join(self.names).replace(".[", "[")


def position(file: str, place: Place) -> Position:
    """A place in a file."""
    return Position(file, *place)
