"""Clients: the pods of a workload that send its traffic, as they come and go."""

from netsim.control.api import Api
from netsim.control.plane import Plane
from netsim.program_edits import SetClients


class Clients:
    """Which streams of traffic have a workload as their source, and who sends them now."""

    def __init__(self, plane: Plane, api: Api) -> None:
        self.plane, self.api = plane, api
        rows = {name: number for number, name in enumerate(plane.program.names.traffic)}
        self.rows: dict[str, list[int]] = {}
        for traffic in plane.scenario.traffic:
            if not traffic.source.startswith("pod/"):
                self.rows.setdefault(traffic.source, []).append(rows[traffic.name])
        self.last = {owner: self.senders(owner) for owner in self.rows}

    def senders(self, owner: str) -> tuple[int, ...]:
        """The endpoints of a workload whose processes run and have not been told to end."""
        return tuple(
            sorted(
                live.endpoint
                for live in self.api.pods.values()
                if live.pod.owner == owner and live.listening and not live.draining
            )
        )

    def changed(self, owner: str) -> None:
        """Look again at who sends for ``owner``."""
        if owner in self.rows and (now := self.senders(owner)) != self.last[owner]:
            self.last[owner] = now
            for row in self.rows[owner]:
                self.plane.edit(SetClients(row, now))
