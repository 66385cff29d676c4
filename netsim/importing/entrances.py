"""How requests come into the cluster: who gives Services their addresses, and which workload serves Ingress objects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netsim.entry import balancers, proxies
from netsim.importing.dump import Dump, Thing
from netsim.importing.findings import Finding
from netsim.importing.shapes import Data, rows, text
from netsim.importing.who import REACHABLE, Who

# A part of a container's image by the controller that netsim has for it.
IMAGES = (
    ("ingress-nginx/controller", "nginx"),
    ("nginx/nginx-ingress", "nginx"),
    ("traefik", "traefik"),
    ("haproxytech/kubernetes-ingress", "haproxy"),
    ("haproxy-ingress", "haproxy"),
    ("envoyproxy/envoy", "envoy"),
)
NAMES = (
    ("ingress-nginx-controller", "nginx"),
    ("nginx-ingress", "nginx"),
    ("traefik", "traefik"),
    ("haproxy-ingress", "haproxy"),
    ("kubernetes-ingress", "haproxy"),
    ("contour-envoy", "envoy"),
)
KINDS = ("Deployment", "DaemonSet", "StatefulSet")
METALLB = "metallb.io"


@dataclass(frozen=True, slots=True)
class Controller:
    """An ingress controller that netsim knows, and its workload, ``deployment/ns/name``."""

    kind: str
    workload: str
    title: str


def balancer(dump: Dump) -> tuple[Data, list[Finding]]:
    """``cluster.loadBalancer``: MetalLB where it announces addresses, else what a cloud has."""
    pools = dump.of("IPAddressPool", METALLB)
    for kind, name in (("BGPAdvertisement", "metallb-bgp"), ("L2Advertisement", "metallb-l2")):
        found = dump.of(kind, METALLB)
        if found and name in balancers.names():
            check = (
                "" if len({thing.kind for thing in _advertisements(dump)}) == 1 else "some addresses go the other way"
            )
            why = f"{found[0].title}, for {len(pools)} pools of addresses"
            return {"kind": name}, [Finding(f"cluster.loadBalancer.kind: {name}", why, check)]
    if not any(text(one.data, "spec", "type") == "LoadBalancer" for one in dump.of("Service", "")):
        return {}, []
    why = "no MetalLB in the dump; a cloud's load balancer that passes packets on to nodes is assumed"
    return {}, [Finding("cluster.loadBalancer", why, "what gives your Services their addresses?")]


def _advertisements(dump: Dump) -> Iterator[Thing]:
    for kind in ("BGPAdvertisement", "L2Advertisement"):
        yield from dump.of(kind, METALLB)


def controller(dump: Dump, who: Who) -> Controller | None:
    """The first workload that is an ingress controller and has pods that somebody outside can reach."""
    for kind in KINDS:
        for thing in dump.of(kind, "apps"):
            found = _known(thing)
            path = f"{kind.lower()}/{thing.namespace}/{thing.name}"
            if found in proxies.names() and _is_reached(path, who):
                return Controller(str(found), path, thing.title)
    return None


def _known(thing: Thing) -> str | None:
    images = [text(one, "image") for one in rows(thing.data, "spec", "template", "spec", "containers")]
    by_image = (kind for part, kind in IMAGES if any(part in image for image in images))
    by_name = (kind for name, kind in NAMES if thing.name == name or thing.name.startswith(f"{name}-"))
    return next(by_image, None) or next(by_name, None)


def _is_reached(workload: str, who: Who) -> bool:
    pods = who.owners.get(workload, [])
    paths = {pod.path for pod in pods}
    ways = (one for one in who.services.values() if one.kind in REACHABLE and one.endpoints)
    return bool(pods) and (pods[0].host_network or any(set(one.endpoints) <= paths for one in ways))


def ingress(dump: Dump, who: Who, ways: Iterable[str]) -> tuple[Data, list[Finding]]:
    """``ingress``: the controller of the dump, or what netsim takes without one; {} where no stream uses any."""
    if not any(way.partition("/")[0] in ("ingress", "httpRoute") for way in ways):
        return {}, []
    found = controller(dump, who)
    if found is None:
        why = "no ingress controller that netsim knows has pods and a Service to reach them; netsim makes one"
        return {}, [Finding("ingress", why, "which controller serves your Ingress objects?")]
    section = {"controller": found.kind, "workload": found.workload}
    return section, [Finding(f"ingress.controller: {found.kind}", f"image or name of {found.title}")]
