"""Laws of sockets: every connection comes to one end, and ports are finite."""

from collections.abc import Iterator

from netsim.program import Endpoint, Program
from netsim.records import Records

_INTERNET_PORTS = 28_232  # of a machine that is not modelled: Linux's default range


def connections(_: Program, records: Records) -> Iterator[str]:
    """opened = closed + reset + refused + open."""
    book = records.sockets
    parts = {"closed": book.closed, "reset": book.reset, "refused": book.refused, "open": book.open}
    if book.opened != sum(parts.values()):
        listed = " + ".join(f"{count} {what}" for what, count in parts.items())
        yield f"{book.opened} connections opened, but {listed} = {sum(parts.values())}"
    yield from (f"{count} connections {what}" for what, count in parts.items() if count < 0)


def ports(program: Program, records: Records) -> Iterator[str]:
    """No client has more ports in use towards one destination than its machine has."""
    most, limit = records.sockets.most_ports, int(program.nodes.ports.max(initial=0))
    if (program.endpoints.kind == Endpoint.INTERNET).any():
        limit = max(limit, _INTERNET_PORTS)
    if most < 0 or most > limit:
        yield f"{most} ports in use by one client towards one destination, {limit} are the most that there are"
