"""How often kube-proxy syncs: fields that its modes share."""

from typing import Annotated

from pydantic import AfterValidator, model_validator

from netsim.model.config import Strict
from netsim.model.quantities import Duration
from netsim.units import UnitError, show_duration

DAY = 86_400 * 10**12


def _at_most_a_day(value: int) -> int:
    if value > DAY:
        raise UnitError(f"{show_duration(value)} is out of range", f"Write 0 to {show_duration(DAY)}.")
    return value


Period = Annotated[Duration, AfterValidator(_at_most_a_day)]
MIN_SYNC = "least time between two syncs; changes wait for it and are made together"
SYNC = "longest time without a look at the rules"
MASQUERADE_ALL = "whether the source of every connection to a ClusterIP becomes the node"


class Periodic(Strict):
    """``syncPeriod`` and ``minSyncPeriod`` of a mode, in ps."""

    syncPeriod: Period  # noqa: N815 - kube-proxy's own keys
    minSyncPeriod: Period  # noqa: N815

    @model_validator(mode="after")
    def _in_order(self) -> "Periodic":
        if self.minSyncPeriod > self.syncPeriod:
            raise UnitError("minSyncPeriod is longer than syncPeriod", "kube-proxy refuses that.")
        return self

    @property
    def periods(self) -> tuple[int, int]:
        """The least and the longest time between two syncs, in ps."""
        return self.minSyncPeriod, self.syncPeriod
