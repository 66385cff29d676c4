"""Network policies by brute force: pod by pod, straight from manifests as dicts, sharing nothing with netsim.

``allowed`` spells out kubernetes.io/docs/concepts/services-networking/network-policies; ``random_world`` makes small
clusters in which selectors, blocks and ports hit often.
"""

import random
from ipaddress import ip_address, ip_network
from typing import Any

Json = dict[str, Any]
KEYS, VALUES = ("app", "tier", "env"), ("a", "b", "c")
NAMESPACES = ("red", "green", "blue")
PORT_NAMES = ("http", "admin")


def matches(selector: Json, labels: dict[str, str]) -> bool:
    """A label selector on a set of labels."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or labels[key] != value:
            return False
    for one in selector.get("matchExpressions") or []:
        key, operator, values = one["key"], one["operator"], one.get("values") or []
        if operator == "In" and not (key in labels and labels[key] in values):
            return False
        if operator == "NotIn" and key in labels and labels[key] in values:
            return False
        if operator == "Exists" and key not in labels:
            return False
        if operator == "DoesNotExist" and key in labels:
            return False
    return True


def peer_matches(peer: Json, policy: Json, end: Json, world: Json) -> bool:
    """One entry of from or to, for one end of a flow."""
    if "ipBlock" in peer:
        if end["kind"] != "outside" and not world["blocks_match_pods"]:
            return False
        address, block = ip_address(end["address"]), peer["ipBlock"]
        if address not in ip_network(block["cidr"], strict=False):
            return False
        return not any(address in ip_network(part, strict=False) for part in block.get("except") or [])
    if end["kind"] != "pod" or end["hostNetwork"]:
        return False
    if "namespaceSelector" in peer:
        labels = {**world["namespaces"].get(end["namespace"], {}), "kubernetes.io/metadata.name": end["namespace"]}
        if not matches(peer["namespaceSelector"], labels):
            return False
    elif end["namespace"] != policy["metadata"]["namespace"]:
        return False
    return matches(peer.get("podSelector") or {}, end["labels"])


def port_matches(entry: Json, server: Json, port: int, protocol: str) -> bool:
    """One entry of ports; names are those of the server's containers."""
    if entry.get("protocol", "TCP") != protocol:
        return False
    wanted = entry.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        if server["kind"] != "pod" or server["hostNetwork"]:
            return False
        return any((one["name"], one["protocol"], one["port"]) == (wanted, protocol, port) for one in server["ports"])
    return bool(wanted <= port <= entry.get("endPort", wanted))


def types_of(policy: Json) -> list[str]:
    """The directions in which a policy isolates."""
    written = policy["spec"].get("policyTypes")
    if written:
        return list(written)
    return ["Ingress", "Egress"] if policy["spec"].get("egress") else ["Ingress"]


def direction_allows(direction: str, flow: tuple[Json, Json, int, str], world: Json) -> bool:
    """What all policies together say of one end of a flow."""
    client, server, port, protocol = flow
    pod, other = (client, server) if direction == "Egress" else (server, client)
    if pod["kind"] != "pod" or pod["hostNetwork"]:
        return True
    selecting = [
        policy
        for policy in world["policies"]
        if policy["metadata"]["namespace"] == pod["namespace"]
        and direction in types_of(policy)
        and matches(policy["spec"].get("podSelector") or {}, pod["labels"])
    ]
    if not selecting:
        return True
    for policy in selecting:
        for rule in policy["spec"].get(direction.lower()) or []:
            peers = rule.get("to" if direction == "Egress" else "from") or []
            ports = rule.get("ports") or []
            right = not peers or any(peer_matches(peer, policy, other, world) for peer in peers)
            if right and (not ports or any(port_matches(entry, server, port, protocol) for entry in ports)):
                return True
    return False


def allowed(flow: tuple[Json, Json, int, str], world: Json) -> bool:
    """Whether both ends allow a flow's first packet."""
    return all(direction_allows(direction, flow, world) for direction in ("Ingress", "Egress"))


# -- random clusters ---------------------------------------------------------------------------------------------------


def random_world(seed: int) -> Json:
    """A few pods, hosts and machines outside, and up to five policies over them."""
    luck = random.Random(seed)
    namespaces = {name: labels(luck) for name in NAMESPACES[: luck.randint(2, 3)]}
    ends = [pod(luck, number) for number in range(luck.randint(3, 6))]
    ends += [{"kind": "host", "name": "node", "address": "192.168.0.1"}]
    ends += [{"kind": "outside", "name": "world", "address": luck.choice(("198.51.100.7", "10.1.0.9", "172.20.0.1"))}]
    return {
        "namespaces": namespaces,
        "ends": ends,
        "policies": [policy(luck, number) for number in range(luck.randint(1, 5))],
        "blocks_match_pods": luck.random() < 0.5,
    }


def labels(luck: random.Random) -> dict[str, str]:
    """None to three labels."""
    return {key: luck.choice(VALUES) for key in KEYS if luck.random() < 0.6}


def pod(luck: random.Random, number: int) -> Json:
    """A pod with named ports, now and then on the host's network."""
    ports = [
        {"name": name, "port": luck.choice((80, 81, 8080)), "protocol": luck.choice(("TCP", "TCP", "UDP"))}
        for name in PORT_NAMES
        if luck.random() < 0.6
    ]
    return {
        "kind": "pod",
        "name": f"p{number}",
        "namespace": luck.choice(NAMESPACES),
        "labels": labels(luck),
        "address": f"10.{luck.randint(0, 1)}.{luck.randint(0, 1)}.{number + 1}",
        "hostNetwork": luck.random() < 0.1,
        "ports": ports,
    }


def selector(luck: random.Random) -> Json:
    """A selector, often empty, with any of the four operators."""
    found: Json = {}
    if luck.random() < 0.5:
        found["matchLabels"] = {luck.choice(KEYS): luck.choice(VALUES)}
    if luck.random() < 0.4:
        operator = luck.choice(("In", "NotIn", "Exists", "DoesNotExist"))
        one: Json = {"key": luck.choice(KEYS), "operator": operator}
        if operator in ("In", "NotIn"):
            one["values"] = luck.sample(VALUES, luck.randint(1, 2))
        found["matchExpressions"] = [one]
    return found


def peer(luck: random.Random) -> Json:
    """Pods of this namespace, of others, of both, or addresses."""
    kind = luck.random()
    if kind < 0.3:
        return {"podSelector": selector(luck)}
    if kind < 0.5:
        return {"namespaceSelector": namespace_selector(luck)}
    if kind < 0.75:
        return {"podSelector": selector(luck), "namespaceSelector": namespace_selector(luck)}
    cidr = luck.choice(("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/24", "10.0.1.2/24"))
    block: Json = {"cidr": cidr}
    parts = [part for part in ("10.1.0.0/24", "10.1.1.0/24", "198.51.100.0/24") if inside(part, cidr)]
    if parts and luck.random() < 0.6:
        block["except"] = luck.sample(parts, luck.randint(1, len(parts)))
    return {"ipBlock": block}


def inside(part: str, cidr: str) -> bool:
    """Whether a network is a proper part of another."""
    inner, outer = ip_network(part), ip_network(cidr, strict=False)
    return inner != outer and inner.subnet_of(outer)  # type: ignore[arg-type]


def namespace_selector(luck: random.Random) -> Json:
    """By labels, or by the name that every namespace carries as one."""
    if luck.random() < 0.3:
        return {"matchLabels": {"kubernetes.io/metadata.name": luck.choice(NAMESPACES)}}
    return selector(luck)


def port(luck: random.Random) -> Json:
    """A number, a range, a name, or every port of a protocol."""
    found: Json = {}
    if luck.random() < 0.5:
        found["protocol"] = luck.choice(("TCP", "UDP"))
    kind = luck.random()
    if kind < 0.35:
        found["port"] = luck.choice((80, 81, 8080))
    elif kind < 0.55:
        found |= {"port": 80, "endPort": luck.choice((80, 81, 9000))}
    elif kind < 0.85:
        found["port"] = luck.choice(PORT_NAMES)
    return found


def rule(luck: random.Random, key: str) -> Json:
    """Peers and ports; either may be absent or empty, which is the same."""
    found: Json = {}
    for name, make in ((key, peer), ("ports", port)):
        kind = luck.random()
        if kind < 0.15:
            found[name] = []
        elif kind < 0.8:
            found[name] = [make(luck) for _ in range(luck.randint(1, 2))]
    return found


def policy(luck: random.Random, number: int) -> Json:
    """A policy with any combination of directions, written out or left to the defaults."""
    spec: Json = {"podSelector": selector(luck)}
    if luck.random() < 0.6:
        spec["policyTypes"] = luck.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"], []))
    for direction, key in (("ingress", "from"), ("egress", "to")):
        if luck.random() < 0.7:
            spec[direction] = [rule(luck, key) for _ in range(luck.randint(0, 2))]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"n{number}", "namespace": luck.choice(NAMESPACES)},
        "spec": spec,
    }
