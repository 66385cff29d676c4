"""Errors: one printable line for each problem, with place, reason and the nearest right answer."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsim.errors import (
    BAD_INPUT,
    MOST_PRINTED,
    Position,
    Problem,
    ScenarioError,
    UsageError,
    clean,
    nearest,
    quote,
)

AT = Position("web.yaml", 14, 3)


def test_problem_is_one_line() -> None:
    problem = Problem(AT, "cni.plugin", "'flanel' is not known", "Did you mean 'flannel'?")
    assert str(problem) == "web.yaml:14:3: cni.plugin: 'flanel' is not known. Did you mean 'flannel'?"


def test_problem_with_a_file_as_a_whole_or_with_none() -> None:
    assert (
        str(Problem(Position("web.yaml"), "", "there is no such file")) == "web.yaml: there is no such file."
    )
    assert str(Problem(None, "svc/a", "it has no endpoints")) == "svc/a: it has no endpoints."


def test_scenario_error_lists_all_problems_in_the_order_of_the_file() -> None:
    first, second = Problem(AT, "a", "x"), Problem(Position("web.yaml", 2, 9), "b", "y")
    error = ScenarioError([first, second, first])
    assert str(error).splitlines() == ["web.yaml:2:9: b: y.", "web.yaml:14:3: a: x."]
    assert error.exit_code == BAD_INPUT


def test_scenario_error_is_not_endless() -> None:
    error = ScenarioError(Problem(Position("f", line, 1), "", "x") for line in range(1, MOST_PRINTED + 8))
    assert str(error).splitlines()[-1] == "... and 7 more problems."
    assert len(error.problems) == MOST_PRINTED + 7


@pytest.mark.parametrize(
    "error", [ScenarioError([Problem(AT, "a", "x")]), UsageError("no such verb", "Try run.")]
)
def test_errors_travel_between_processes(error: Exception) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_usage_error_is_sentences() -> None:
    assert str(UsageError("there is no CNI 'x'", "Known: calico.")) == "there is no CNI 'x'. Known: calico."


def test_nearest_guesses_and_lists() -> None:
    assert nearest("flanel", ["calico", "flannel"]) == "Did you mean 'flannel'? Known: calico, flannel."
    assert nearest("VXLAN", ["vxlan"]) == "Did you mean 'vxlan'? Known: vxlan."
    assert nearest("zzz", ["calico"]) == "Known: calico."
    assert nearest("web", []) == ""


def test_nearest_does_not_list_hundreds() -> None:
    names = [f"pod-{number}" for number in range(400)]
    assert nearest("pod-39x", names) in {f"Did you mean 'pod-39{digit}'?" for digit in ["", *range(10)]}


def test_nearest_of_a_giant_name_is_quick() -> None:
    assert nearest("x" * 10**6, [f"name-{number}" for number in range(5000)]) == ""


def test_terminal_and_bidi_sequences_are_written_out() -> None:
    hostile = "a\x1b]0;title\x07b\u202ec\u200bd\x00"
    assert clean(hostile) == "a\\x1b]0;title\\x07b\\u202ec\\u200bd\\x00"
    assert str(Problem(Position(hostile, 1, 1), hostile, hostile, hostile)).isprintable()


@given(st.text())
def test_whatever_is_quoted_is_short_and_printable(text: str) -> None:
    assert quote(text).isprintable()
    assert len(quote(text)) <= 2 + 80 * 10
