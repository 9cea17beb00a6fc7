"""Each conformance rule is met by its wrong example, alone and at its step, and not by its right one."""

from __future__ import annotations

import pytest

from asgi_inspect.conformance import RULES, Rule
from asgi_inspect.conformance.example import Example, responds
from asgi_inspect.conformance.reactions import ALL, reactions
from tests.conformance_runs import FILE, findings
from tests.conformance_steps import STEPS

NO_CONTENT = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})
"""

IDS = [rule.id for rule in RULES]
TIMING = ("event-loop-blocked",)  # the machine may be busy

# What was never awaited is told by Python too, when it is collected.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_wrong_example_meets_the_rule_alone(rule: Rule, parser: str) -> None:
    """At the step and the line that are guilty."""
    found = findings(rule.wrong, rule.on, parser)

    beside = {*rule.wrong.beside, *TIMING} - {rule.id}
    assert [finding.rule for finding in found if finding.rule not in beside] == [rule.id]
    met = next(finding for finding in found if finding.rule == rule.id)
    line = met.source and int(met.source.removeprefix(f"{FILE}:"))
    assert (met.step, line) == STEPS[rule.id]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_right_example_meets_no_rule(rule: Rule) -> None:
    """The nearest code that is in order."""
    found = findings(rule.right, rule.on)

    assert [finding for finding in found if finding.rule not in {*rule.right.beside, *TIMING} - {rule.id}] == []


def test_the_catalogue_is_complete() -> None:
    """No rule twice, no rule without a step, and words for every part of it."""
    assert len(set(IDS)) == len(IDS)
    assert set(STEPS) == set(IDS)
    for rule in RULES:
        assert all((rule.why, rule.help, rule.spec)), rule.id


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_every_reaction_names_known_servers(rule: Rule) -> None:
    """The notation is read as it was meant."""
    for reaction in reactions(rule.seen):
        assert set(reaction.servers) <= {*ALL, "uvicorn"}
        assert reaction.words()


def test_a_type_may_be_a_member_of_an_enum() -> None:
    """A subclass of str is text, whatever its str() says."""
    code = (
        "from enum import Enum\n\n\nclass Kind(str, Enum):\n"
        '    START, BODY = "http.response.start", "http.response.body"\n\n\n'
        + responds().code.replace('"http.response.start"', "Kind.START").replace('"http.response.body"', "Kind.BODY")
    )

    assert findings(Example(code=code), ("http",)) == []


def test_a_response_without_content_and_length_is_told_as_that() -> None:
    (found,) = findings(Example(code=NO_CONTENT), ("http",))

    assert (found.rule, found.message) == ("content-length-absent", "no content-length, though there is no content")
