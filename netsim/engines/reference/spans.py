"""Spans of a byte stream: sorted lists of (start, end) that do not touch."""

Span = tuple[int, int]


def add(spans: list[Span], start: int, end: int) -> int:
    """Put a span into the list; returns how many of its bytes were not there before."""
    first = 0
    while first < len(spans) and spans[first][1] < start:
        first += 1
    last, covered = first, 0
    low, high = start, end
    while last < len(spans) and spans[last][0] <= end:
        here, there = spans[last]
        covered += max(0, min(there, end) - max(here, start))
        low, high = min(low, here), max(high, there)
        last += 1
    spans[first:last] = [(low, high)]
    return end - start - covered


def without(start: int, end: int, holes: list[Span]) -> list[Span]:
    """What is left of a span outside of ``holes``."""
    found = []
    for here, there in holes:
        if there <= start or here >= end:
            continue
        if here > start:
            found.append((start, here))
        start = max(start, there)
    if start < end:
        found.append((start, end))
    return found


def frames(spans: list[Span], mss: int) -> list[Span]:
    """The spans cut into frames of ``mss`` bytes; only the last frame of a span may be shorter."""
    return [(at, min(at + mss, end)) for start, end in spans for at in range(start, end, mss)]
