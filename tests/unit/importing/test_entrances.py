"""How import sees requests come in: load balancers, ingress controllers, routes, and policies that forbid."""

from fractions import Fraction
from pathlib import Path

from tests.unit.importing.kubernetes import Data, brought, deployment, pod, service, shop, spec_of, thing

METALLB = "metallb.io/v1beta1"


def ingress(backend: str = "cart", port: object = 80) -> Data:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": port}}}}
    return thing("networking.k8s.io/v1", "Ingress", "public", "shop", spec={"rules": [{"http": {"paths": [path]}}]})


def nginx() -> list[Data]:
    """An ingress controller and its Service."""
    name = "ingress-nginx-controller"
    return [
        deployment(name, 1, "ingress-nginx"),
        pod(name, 1, "alpha", "ingress-nginx"),
        service(name, 9, "LoadBalancer", "ingress-nginx"),
    ]


def streams(made: object) -> dict[str, Data]:
    return {stream["name"]: stream for stream in spec_of(made)["traffic"]}  # type: ignore[arg-type]


def test_metallb_announces(tmp_path: Path) -> None:
    pool = thing(METALLB, "IPAddressPool", "first", "metallb-system", spec={"addresses": ["203.0.113.0/28"]})
    layer_2 = thing(METALLB, "L2Advertisement", "first", "metallb-system", spec={})
    made = brought(tmp_path, [*shop(), pool, layer_2])
    assert spec_of(made)["cluster"]["loadBalancer"] == {"kind": "metallb-l2"}
    assert made.problems == []
    bgp = thing(METALLB, "BGPAdvertisement", "second", "metallb-system", spec={})
    made = brought(tmp_path, [*shop(), pool, layer_2, bgp])
    assert spec_of(made)["cluster"]["loadBalancer"] == {"kind": "metallb-bgp"}
    assert any("some addresses go the other way" in line for line in made.told)


def test_a_cloud_is_assumed_and_said(tmp_path: Path) -> None:
    made = brought(tmp_path, shop())
    assert "loadBalancer" not in spec_of(made)["cluster"]
    assert any("no MetalLB in the dump" in line for line in made.told)


def test_an_ingress_brings_traffic_through_its_controller(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), ingress(), *nginx()])
    workload = "deployment/ingress-nginx/ingress-nginx-controller"
    assert spec_of(made)["ingress"] == {"controller": "nginx", "workload": workload}
    assert streams(made)["internet-to-cart"]["via"] == "ingress/shop/public"
    assert not [name for name in streams(made) if "nginx" in name]
    assert made.problems == []


def test_an_ingress_without_a_controller_gets_netsims(tmp_path: Path) -> None:
    made = brought(tmp_path, [*shop(), ingress()])
    assert "ingress" not in spec_of(made)
    assert streams(made)["internet-to-cart"]["via"] == "ingress/shop/public"
    assert any("netsim makes one" in line for line in made.told)
    assert made.problems == []


def test_an_ingress_that_leads_nowhere_brings_none(tmp_path: Path) -> None:
    for wrong in (ingress("absent"), ingress("cart", 81)):
        made = brought(tmp_path, [*shop(), wrong])
        assert "internet-to-cart" not in streams(made)
        assert made.problems == []


def test_gravity_asks_nothing_that_policies_forbid(tmp_path: Path) -> None:
    assert "web-to-cart" in streams(brought(tmp_path, shop()))
    denies = {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Ingress"]}
    made = brought(tmp_path, [*shop(), thing("networking.k8s.io/v1", "NetworkPolicy", "deny", "shop", spec=denies)])
    assert "web-to-cart" not in streams(made)
    assert "cart-to-web" in streams(made)
    assert any("left out: 1 pairs that network policies forbid" in line for line in made.told)


def test_gravity_follows_the_numbers_of_pods(tmp_path: Path) -> None:
    big = [deployment("db", 4), *(pod("db", number, "alpha") for number in range(1, 5)), service("db", 3)]
    rates = {name: float(stream["rate"][:-2]) for name, stream in streams(brought(tmp_path, [*shop(), *big])).items()}
    assert rates["web-to-db"] == rates["cart-to-db"] == rates["db-to-web"]
    assert abs(rates["web-to-db"] - 2 * rates["web-to-cart"]) < 0.5
    assert abs(sum(rates.values()) - 20 * 8) < 1


def test_a_total_rate_is_kept(tmp_path: Path) -> None:
    rates = [float(stream["rate"][:-2]) for stream in streams(brought(tmp_path, shop(), rate=Fraction(900))).values()]
    assert sum(rates) == 900
