"""From finished recordings to findings: every rule is asked, and each finding knows its step and its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice

from ..exchange import By, Exchange
from ..findings import Finding, Severity
from ..lifespan import LifespanReport
from ..recording import Call as Kind
from ..recording import Outcome
from ..shape import Shape
from .alike import alike
from .call import Call
from .catalogue import RULES
from .reactions import reactions
from .rule import Met, Rule

_MOST_PLACES = 20  # findings of one rule in one call
_MOST_FAULTLESS = 10_000  # kinds of calls that are remembered as in order


def judge(
    exchanges: Iterable[Exchange], lifespan: LifespanReport | None = None, application: Shape | None = None
) -> list[Finding]:
    """What is wrong with the application: in its callable, its lifespan, and in each exchange, step by step."""
    found = (
        []
        if application is None
        else [_finding(rule, met, "application") for rule, met in _met("application", application)]
    )
    if lifespan is not None and lifespan.steps:
        found += _judge_call(Call.of_lifespan(lifespan))
    faultless: set[bytes] = set()
    for exchange in exchanges:
        if exchange.outcome is not Outcome.NOT_RUN and (
            exchange.response is None or exchange.response.by is not By.STAND_IN
        ):
            known = alike(exchange)
            if known is None or known not in faultless:
                findings = _judge_call(Call.of(exchange))
                found += findings
                if known is not None and not findings and len(faultless) < _MOST_FAULTLESS:
                    faultless.add(known)
    return found


def _judge_call(call: Call) -> list[Finding]:
    findings = [_finding(rule, met, call.protocol, call.exchange) for rule, met in _met(call.protocol, call)]
    explained = [finding for finding in findings if not _follows(finding, findings, call)]
    return sorted(explained, key=lambda finding: (finding.step or len(call.steps) + 1, -finding.severity.rank))


def _met(subject: str, recorded: Call | Shape) -> Iterator[tuple[Rule, Met]]:
    for rule in _rules_on(subject):
        # What an application sent may have any __len__, __iter__ or __eq__: a rule that cannot look at it
        # has nothing to say of it, and the others go on.
        with suppress(Exception):
            yield from ((rule, met) for met in islice(rule.check(recorded), _MOST_PLACES))


@lru_cache(maxsize=8)
def _rules_on(subject: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if subject in rule.on)


def _follows(finding: Finding, findings: list[Finding], call: Call) -> bool:
    """Whether an exception that left the application is the one by which the server refused a message,
    and a rule has named what was wrong with that message, or with one before it."""
    if call.ending is None or finding.step != call.ending[0] or call.ending[1].call is not Kind.RAISE:
        return False
    error = call.ending[1].error
    refused = max((one.number for one in call.sent if one.step.error == error), default=0)
    others = (other for other in findings if other is not finding and other.severity is not Severity.NOTE)
    return any(other.step is not None and other.step <= refused for other in others)


def _finding(rule: Rule, met: Met, subject: str, exchange: Exchange | None = None) -> Finding:
    # Measured where the rule's example is run; what servers do with the same slip elsewhere is another matter.
    seen = reactions(rule.seen) if subject == rule.on[0] else ()
    return Finding(
        rule=rule.id,
        severity=met.severity or rule.severity,
        message=met.message,
        notes=tuple(reaction.words(measured=False) for reaction in seen),
        spec=rule.spec,
        help=rule.help,
        connection=exchange.connection if exchange else 1,
        exchange=exchange.number if exchange else None,
        step=met.step,
        source=met.source,
    )
