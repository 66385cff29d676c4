"""Event keys: (kind, traffic, index, call, phase, attempt, burst, train, hop) packed into one integer."""

from netsim.errors import UsageError

TRAIN_SHIFT, BURST_SHIFT, ATTEMPT_SHIFT, PHASE_SHIFT, CALL_SHIFT = 8, 24, 52, 64, 68
INDEX_SHIFT, TRAFFIC_SHIFT, KIND_SHIFT = 80, 120, 130
END = 1 << KIND_SHIFT  # an application lane looks whether its job is done; departures come before arrivals
WORK = 2 << KIND_SHIFT  # a request at a pod
ARRIVE = 3 << KIND_SHIFT  # a burst or train at its next station
TIMER = 4 << KIND_SHIFT  # a timeout of a socket
ISSUE = 5 << KIND_SHIFT  # a source's next request

TRAFFIC_LIMIT = 1 << 10
ATTEMPT_LIMIT = 1 << 12
LIMITS = {"streams of traffic": TRAFFIC_LIMIT - 1, "places in the call trees": 1 << 12}
WITHOUT_TRAIN = ~(((1 << BURST_SHIFT) - 1) ^ ((1 << TRAIN_SHIFT) - 1))  # masks the train out of a key
WITHOUT_KIND = (1 << KIND_SHIFT) - 1


def check(streams: int, places: int) -> None:
    """Raises UsageError where a program has more of something than a key has room for."""
    for (what, limit), count in zip(LIMITS.items(), (streams, places), strict=True):
        if count > limit:
            raise UsageError(f"{count:,} {what} are more than the {limit:,} that this engine can tell apart")


def train_key(burst: int, train: int) -> int:
    """The key of a train of a burst, from the burst's own."""
    return burst | train << TRAIN_SHIFT


def as_kind(kind: int, key: int) -> int:
    """The same key for another kind of event."""
    return key & WITHOUT_KIND | kind


def request_key(traffic: int, index: int) -> int:
    """The part of every key that belongs to one root request."""
    return traffic << TRAFFIC_SHIFT | index << INDEX_SHIFT


def call_key(root: int, call: int) -> int:
    """The same for one place in its call tree; also for the connection that was opened there."""
    return root | call << CALL_SHIFT


def attempt_key(call: int, attempt: int) -> int:
    """The same for one attempt at it. Raises UsageError where there were too many for one request."""
    if attempt >= ATTEMPT_LIMIT:
        message = f"a request led to {attempt:,} attempts at one call"
        raise UsageError(message, f"This engine can tell {ATTEMPT_LIMIT:,} apart: allow fewer retries.")
    return call | attempt << ATTEMPT_SHIFT


def burst_key(call: int, phase: int, burst: int) -> int:
    """The key of a burst's first hop; each hop adds one."""
    return ARRIVE | call | phase << PHASE_SHIFT | burst << BURST_SHIFT


def timer_key(call: int, phase: int, number: int) -> int:
    """The key of a socket's ``number``-th timer of one phase."""
    return TIMER | call | phase << PHASE_SHIFT | number << BURST_SHIFT
