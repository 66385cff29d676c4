"""Applies the ``set`` of a compare variant to a spec: a mapping replaces the whole, a dotted key one leaf."""

from collections.abc import Mapping, Sequence

from netsim.errors import nearest, quote
from netsim.scenario.located import NAMES, Map, Place, Seq, item_name
from netsim.scenario.schema import DEFAULTS
from netsim.units import UnitError

# What all variants have in common, so that they can be compared on the same luck and the same cut.
SHARED = ("manifests", "compare", "run.seed", "run.duration", "run.warmup", "run.replications")


class OverlayError(UnitError):
    """A key of ``set`` that cannot be applied."""

    def __init__(self, key: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.key = key


def overlaid(spec: Map, changes: Map) -> Map:
    """A copy of ``spec`` with the changes; what does not change is shared with it. Raises OverlayError."""
    result = spec.copy()
    for key in changes:
        _check_key(key)
        part, dot, _ = key.partition(".")
        if dot and part in DEFAULTS and part not in result:
            result.put(part, _default(part, changes.at), changes.places[key])
        try:
            _put(result, key.split("."), changes[key], changes.places[key])
        except UnitError as error:
            raise OverlayError(key, error.message, error.hint) from None
    return result


def _check_key(key: str) -> None:
    if not all(key.split(".")):
        raise OverlayError(key, f"{quote(key)} is not a dotted path", "Write for example cni.backend.")
    for shared in SHARED:
        if key == shared or key.startswith(f"{shared}."):
            raise OverlayError(key, f"{quote(key)} is the same for all variants", "Change it outside of compare.")
    if key == "run":
        raise OverlayError(key, "'run' is the same for all variants", "Change one leaf, such as run.quantum.")


def _default(part: str, at: Place) -> Map:
    default = Map(at)
    for key, value in DEFAULTS[part].items():
        default.put(key, value, (at, at))
    return default


def _put(holder: Map | Seq, parts: Sequence[str], value: object, places: tuple[Place, Place]) -> None:
    """Sets the leaf that ``parts`` lead to; every container on the way is copied first."""
    step, rest = _step(holder, parts)
    if not rest:
        holder.put(step, value, places)
        return
    inner = holder.look(step)
    if inner is None:
        inner = Map(places[1])
        holder.put(step, inner, places)
    elif isinstance(inner, Map | Seq):
        inner = holder[step] = inner.copy()  # type: ignore[index]
    else:
        raise UnitError(f"{quote(step)} has nothing inside that {quote('.'.join(rest))} could name")
    _put(inner, rest, value, places)


def _step(holder: Map | Seq, parts: Sequence[str]) -> tuple[str | int, Sequence[str]]:
    """The next key or index, and what is left; of keys with dots the longest known one is taken."""
    if isinstance(holder, Map):
        for length in range(len(parts), 1, -1):
            if ".".join(parts[:length]) in holder:
                return ".".join(parts[:length]), parts[length:]
        return parts[0], parts[1:]
    for index, item in enumerate(holder):
        name = item_name(item, index)
        count = name.count(".") + 1
        if ".".join(parts[:count]) == name:
            return index, parts[count:]
    known = [name for name in map(item_name, holder, range(len(holder))) if not name.startswith("[")]
    hint = nearest(parts[0], known) or f"Its items have no {' or '.join(NAMES)}."
    raise UnitError(f"there is no item named {quote(parts[0])}", hint)


def touched(changes: Mapping[str, object]) -> set[str]:
    """The fields of the spec that changes reach into."""
    return {key.split(".")[0] for key in changes}
