"""Event keys: (kind, traffic, index, call, phase, burst, train, attempt, hop) packed into one integer."""

END = 1 << 104  # an application lane looks whether its job is done; departures come before arrivals
WORK = 2 << 104  # a request at a pod
ARRIVE = 3 << 104  # a burst or train at its next station
TIMER = 4 << 104  # a retransmission timeout
ISSUE = 5 << 104  # a source's next request

TRAFFIC_SHIFT, INDEX_SHIFT, CALL_SHIFT, PHASE_SHIFT = 94, 54, 42, 40
BURST_SHIFT, TRAIN_SHIFT, ATTEMPT_SHIFT = 26, 10, 6
LIMITS = {"traffic": 1 << 10, "index": 1 << 40, "call": 1 << 12, "burst": 1 << 14, "train": 1 << 16, "attempt": 1 << 4}
HOPS = 1 << ATTEMPT_SHIFT


def request_key(traffic: int, index: int) -> int:
    """The part of every key that belongs to one root request."""
    return traffic << TRAFFIC_SHIFT | index << INDEX_SHIFT


def call_key(root: int, call: int) -> int:
    """The same for one place in its call tree."""
    return root | call << CALL_SHIFT


def burst_key(call: int, phase: int, burst: int, attempt: int) -> int:
    """The key of a burst's first hop; each hop adds one."""
    return ARRIVE | call | phase << PHASE_SHIFT | burst << BURST_SHIFT | attempt << ATTEMPT_SHIFT
