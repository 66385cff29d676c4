"""Reads Ingress, IngressClass, Gateway and HTTPRoute manifests into routes."""

from collections.abc import Iterator

from netsim.errors import Problem, quote
from netsim.scenario import kinds_routes as kinds
from netsim.scenario.located import Map
from netsim.scenario.objects import Objects
from netsim.scenario.routes import EXACT, PREFIX, Backend, RoutePlan, RouteRule
from netsim.scenario.schema_entry import HTTP_ROUTE, INGRESS
from netsim.scenario.validation import Source, validate

PATH_TYPES = {"Exact": EXACT, "Prefix": PREFIX, "ImplementationSpecific": PREFIX}
MATCH_TYPES = {"Exact": EXACT, "PathPrefix": PREFIX}
SECURE = ("HTTPS", "TLS")


def read_ingress(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """networking.k8s.io/v1 Ingress."""
    found, problems = validate(kinds.IngressManifest, data, source)
    if found is None:
        return problems
    namespace, spec = found.metadata.namespace or "default", found.spec
    place, rules = source.at("spec"), list[RouteRule]()
    for number, rule in enumerate(spec.rules or ()):
        for index, path in enumerate(rule.http.paths if rule.http else ()):
            where = place.at("rules", number, "http", "paths", index)
            kind = PATH_TYPES.get(path.path_type or "ImplementationSpecific")
            if kind is None:
                hint = f"Known: {', '.join(PATH_TYPES)}."
                problems.append(where.at("pathType").problem(f"{quote(path.path_type)} is not known", hint))
            elif wrong := _bad_path(path.path or "/", where.at("path")):
                problems.append(wrong)
            else:
                backends = tuple(_ingress_backends(namespace, path.backend, where.at("backend")))
                rules.append(RouteRule(rule.host or "", path.path or "/", kind, backends))
    rest = tuple(_ingress_backends(namespace, spec.default_backend, place.at("defaultBackend")))
    _add(
        objects,
        RoutePlan(
            INGRESS,
            namespace,
            found.metadata.name,
            tuple(rules),
            source,
            rest,
            tls=bool(spec.tls),
            class_name=spec.ingress_class_name or "",
        ),
        problems,
    )
    return problems


def _bad_path(path: str, where: Source) -> Problem | None:
    return None if path.startswith("/") else where.problem(f"{quote(path)} is not a path", "Begin it with a slash.")


def _ingress_backends(namespace: str, backend: kinds.IngressBackend | None, where: Source) -> Iterator[Backend]:
    if backend is not None and backend.service is not None:
        service = backend.service
        port = service.port.number if service.port.number is not None else service.port.name
        yield Backend(f"{namespace}/{service.name}", port, where.at("service", "name"))


def read_class(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """networking.k8s.io/v1 IngressClass."""
    found, problems = validate(kinds.IngressClassManifest, data, source)
    if found is not None:
        objects.classes[found.metadata.name] = found.spec.controller or ""
    return problems


def read_gateway(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """gateway.networking.k8s.io/v1 Gateway."""
    found, problems = validate(kinds.GatewayManifest, data, source)
    if found is not None:
        path = f"{found.metadata.namespace or 'default'}/{found.metadata.name}"
        objects.gateways[path] = any(listener.protocol in SECURE for listener in found.spec.listeners)
    return problems


def read_http_route(data: Map, source: Source, objects: Objects) -> list[Problem]:
    """gateway.networking.k8s.io/v1 HTTPRoute."""
    found, problems = validate(kinds.HttpRouteManifest, data, source)
    if found is None:
        return problems
    namespace, spec = found.metadata.namespace or "default", found.spec
    rules: list[RouteRule] = []
    for number, rule in enumerate(spec.rules or ()):
        where = source.at("spec", "rules", number)
        backends = tuple(_route_backends(namespace, rule, where))
        for index, match in enumerate(rule.matches or [kinds.RouteMatch()]):
            objects.notices.extend(_ignored(match, where.at("matches", index)))
            path = match.path or kinds.PathMatch()
            kind, value = MATCH_TYPES.get(path.type or "PathPrefix"), path.value or "/"
            if kind is None:
                message = f"a path of type {quote(path.type)} matches nothing here"
                objects.notices.append(where.at("matches", index, "path", "type").problem(message))
            elif wrong := _bad_path(value, where.at("matches", index, "path", "value")):
                problems.append(wrong)
            else:
                rules += [RouteRule(host, value, kind, backends) for host in spec.hostnames or [""]]
    parents = tuple(f"{parent.namespace or namespace}/{parent.name}" for parent in spec.parent_refs or ())
    plan = RoutePlan(HTTP_ROUTE, namespace, found.metadata.name, tuple(rules), source, deep=True, parents=parents)
    _add(objects, plan, problems)
    return problems


def _ignored(match: kinds.RouteMatch, where: Source) -> Iterator[Problem]:
    for key, value in (("headers", match.headers), ("queryParams", match.query_params), ("method", match.method)):
        if value:
            yield where.at(key).problem(f"{key} is not looked at: the rule is taken by its path alone")


def _route_backends(namespace: str, rule: kinds.HttpRouteRule, where: Source) -> Iterator[Backend]:
    for index, backend in enumerate(rule.backend_refs or ()):
        weight = 1 if backend.weight is None else backend.weight
        if weight and backend.kind in (None, "Service"):
            service = f"{backend.namespace or namespace}/{backend.name}"
            yield Backend(service, backend.port, where.at("backendRefs", index, "name"), weight)


def _add(objects: Objects, plan: RoutePlan, problems: list[Problem]) -> None:
    if plan.path in objects.routes:
        problems.append(plan.source.problem(f"there are two routes named {quote(plan.path)}"))
    objects.routes[plan.path] = plan
