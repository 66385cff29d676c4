"""Source addresses: whose address a server sees as that of its client."""

from netsim.program import Endpoint, Entry, Program

BALANCER = "load-balancer"  # the machine of a load balancer that is an end of connections
GATEWAYS = (Entry.NODE_PORT, Entry.LOAD_BALANCER)


def source_seen(program: Program, call: int, client: int, server: int) -> tuple[str, str]:
    """Whose address the server of a call's connection sees, and what its client is: ``pod``, ``node``, ``client`` or
    ``balancer``.

    A pod's own, unless it leaves the cluster and is masqueraded there; a client's from outside, unless the entry node
    masquerades, as it does under externalTrafficPolicy Cluster (kubernetes.io/docs/tutorials/services/source-ip).
    """
    endpoints = program.endpoints
    inside = int(endpoints.node[client]) >= 0 and int(program.nodes.subnet[endpoints.node[client]]) >= 0
    entry, service = Entry(int(program.calls.entry[call])), int(program.calls.service[call])
    if inside:
        own = "pod" if endpoints.kind[client] == Endpoint.POD else "node"
        leaves = server >= 0 and int(program.nodes.subnet[endpoints.node[server]]) < 0
        return ("node" if leaves else own), own
    own = "balancer" if program.names.endpoints[client] == f"external/{BALANCER}" else "client"
    masked = entry in GATEWAYS and bool(program.services.masquerades[service])
    return ("node" if masked else own), own
