"""EndpointSlices: how the endpoints of a Service are dealt out to objects of at most a hundred.

Source: kubernetes.io/docs/concepts/services-networking/endpoint-slices ("Distribution of EndpointSlices"): what is no
longer wanted is taken out, slices that this changed are filled up, and only then another slice is touched or made.
"""

from collections.abc import Collection

MOST = 100  # --max-endpoints-per-slice

Slice = tuple[str, ...]


def reconciled(slices: list[Slice], wanted: Collection[str], most: int = MOST) -> tuple[list[Slice], int]:
    """The slices that hold ``wanted`` and nothing else, and how many objects are written for that."""
    kept = [tuple(name for name in part if name in wanted) for part in slices]
    touched = [mine != before for mine, before in zip(kept, slices, strict=True)]
    present = {name for part in kept for name in part}
    missing = sorted(set(wanted) - present)
    for number in sorted(range(len(kept)), key=lambda place: not touched[place]):
        take = most - len(kept[number])
        # A slice that has not changed is only touched where all that is left fits in.
        if missing and take > 0 and (touched[number] or take >= len(missing)):
            kept[number] += tuple(missing[:take])
            missing, touched[number] = missing[take:], True
    kept += [tuple(missing[first : first + most]) for first in range(0, len(missing), most)]
    touched += [True] * (len(kept) - len(touched))
    return [part for part in kept if part], sum(touched)
