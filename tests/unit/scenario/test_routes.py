"""Which rule takes a request: the documents' own examples, and a second opinion on everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsim.scenario.located import Map
from netsim.scenario.routes import EXACT, PREFIX, Backend, RoutePlan, RouteRule, best, fits_host, fits_path
from netsim.scenario.validation import Source

NOWHERE = Source("x.yaml", Map((1, 1)))


def rule(path: str, kind: str = PREFIX, host: str = "") -> RouteRule:
    return RouteRule(host, path, kind, (Backend(f"ns/{kind}{path}", 80, NOWHERE),))


# kubernetes.io/docs/concepts/services-networking/ingress, "Examples": kind, paths, request, which one takes it.
EXAMPLES = """
Prefix | / | /anything | /
Exact | /foo | /foo | /foo
Exact | /foo | /bar | -
Exact | /foo | /foo/ | -
Exact | /foo/ | /foo | -
Prefix | /foo | /foo | /foo
Prefix | /foo | /foo/ | /foo
Prefix | /foo/ | /foo | /foo/
Prefix | /foo/ | /foo/ | /foo/
Prefix | /aaa/bb | /aaa/bbb | -
Prefix | /aaa/bbb | /aaa/bbb | /aaa/bbb
Prefix | /aaa/bbb/ | /aaa/bbb | /aaa/bbb/
Prefix | /aaa/bbb | /aaa/bbb/ | /aaa/bbb
Prefix | /aaa/bbb | /aaa/bbb/ccc | /aaa/bbb
Prefix | /aaa/bbb | /aaa/bbbxyz | -
Prefix | /, /aaa | /aaa/ccc | /aaa
Prefix | /, /aaa | /ccc | /
Prefix | /aaa | /ccc | -
Prefix | /, /aaa, /aaa/bbb | /aaa/bbb | /aaa/bbb
Prefix | /, /aaa, /aaa/bbb | /ccc | /
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in EXAMPLES.strip().splitlines()]


@pytest.mark.parametrize(("kind", "paths", "request_path", "expected"), ROWS)
def test_the_examples_of_the_documents(kind: str, paths: str, request_path: str, expected: str) -> None:
    found = best(tuple(rule(path, kind) for path in paths.split(", ")), "", request_path)
    assert (found.path if found else "-") == expected


def test_an_exact_path_comes_before_the_same_prefix() -> None:
    found = best((rule("/foo", PREFIX), rule("/foo", EXACT)), "", "/foo")
    assert found is not None
    assert found.kind == EXACT


@pytest.mark.parametrize(
    ("host", "shallow", "deep"),
    [
        ("bar.foo.com", True, True),
        ("baz.bar.foo.com", False, True),
        ("foo.com", False, False),
        ("BAR.foo.com", True, True),
    ],
)
def test_wildcards_are_one_label_in_an_ingress_and_more_in_a_route(host: str, shallow: bool, deep: bool) -> None:
    assert fits_host("*.foo.com", host) == shallow
    assert fits_host("*.foo.com", host, deep=True) == deep


def test_the_closest_host_decides_before_any_path() -> None:
    rules = (rule("/a/b/c"), rule("/a/b", host="*.foo.com"), rule("/", host="bar.foo.com"))
    found = best(rules, "bar.foo.com", "/a/b/c")
    assert found is not None
    assert found.host == "bar.foo.com"
    other = best(rules, "baz.foo.com", "/a/b/c")
    assert other is not None
    assert other.host == "*.foo.com"
    # ingress-nginx: a host with rules of its own has its own default.
    assert best((rule("/", host=""), rule("/x", host="bar.foo.com")), "bar.foo.com", "/y") is None


def test_what_no_rule_takes_goes_to_the_default_backend() -> None:
    rest = (Backend("ns/rest", 80, NOWHERE),)
    plan = RoutePlan("ingress", "ns", "i", (rule("/a"),), NOWHERE, rest)
    assert plan.backends("", "/b") == rest
    assert plan.backends("", "/a")[0].service == "ns/Prefix/a"
    assert RoutePlan("ingress", "ns", "i", (rule("/a"),), NOWHERE).backends("", "/b") == ()


def test_the_first_rule_towards_a_service_is_found() -> None:
    plan = RoutePlan("ingress", "ns", "i", (rule("/a"), rule("/b")), NOWHERE)
    assert plan.towards("ns/Prefix/b") == plan.rules[1]
    assert plan.towards("ns/other") is None


PART = st.sampled_from(["a", "b", "aa", "ab"])
PATH = st.lists(PART, max_size=4).map(lambda parts: "/" + "/".join(parts))
WRITTEN = st.builds(lambda path, slash: path + slash if path != "/" else path, PATH, st.sampled_from(["", "/"]))
RULE = st.builds(rule, WRITTEN, st.sampled_from([EXACT, PREFIX]))


def second_opinion(one: RouteRule, path: str) -> bool:
    """The documents in other words: equal, or a prefix of what is left when every slash ends an element."""
    if one.kind == EXACT:
        return one.path == path
    ended = one.path if one.path.endswith("/") else one.path + "/"
    return (path if path.endswith("/") else path + "/").startswith(ended)


@given(RULE, WRITTEN)
def test_paths_match_as_a_second_opinion_says(one: RouteRule, path: str) -> None:
    assert fits_path(one, path) == second_opinion(one, path)


@given(st.lists(RULE, max_size=6).map(tuple), WRITTEN)
def test_the_rule_taken_is_never_beaten(rules: tuple[RouteRule, ...], path: str) -> None:
    found = best(rules, "", path)
    able = [one for one in rules if second_opinion(one, path)]
    assert (found is None) == (not able)
    if found is not None:
        assert found in able
        exact = [one for one in able if one.kind == EXACT]
        assert (found.kind == EXACT) == bool(exact)
        assert len(found.path.rstrip("/")) == max(len(one.path.rstrip("/")) for one in exact or able)


@given(st.lists(RULE, min_size=1, max_size=6), WRITTEN, st.randoms())
def test_the_order_of_rules_matters_only_between_equals(rules: list[RouteRule], path: str, luck: object) -> None:
    shuffled = rules.copy()
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = best(tuple(rules), "", path), best(tuple(shuffled), "", path)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert (first.kind, first.path.rstrip("/")) == (second.kind, second.path.rstrip("/"))
