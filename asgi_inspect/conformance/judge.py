"""From finished recordings to findings: every rule is asked, and each finding knows its step and its line."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from types import NoneType
from typing import Any

from ..asgi import Message, Scope
from ..exchange import By, Exchange
from ..findings import Finding, Severity
from ..lifespan import LifespanReport
from ..recording import AS_SHOWN, Outcome
from ..recording import Call as Kind
from ..shape import Shape
from .call import Call
from .catalogue import RULES
from .reactions import reactions
from .rule import Met, Rule
from .tasks import SLOW_MS

_SHORT = 200  # bytes of content that are compared as they are
_PLAIN = frozenset({str, bytes, int, bool, float, NoneType})
_PAIR = [bytes, bytes]
_MOST_PLACES = 20  # findings of one rule in one call
_LOOKED_AT = ("type", "http_version", "method", "headers", "extensions", "subprotocols")  # by rules, in a scope


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
            # Ten thousand requests that were answered in the same words are looked at once.
            alike = _alike(exchange)
            if alike is None or alike not in faultless:
                findings = _judge_call(Call.of(exchange))
                found += findings
                if alike is not None and not findings:
                    faultless.add(alike)
    return found


def _alike(exchange: Exchange) -> bytes | None:
    """The same bytes for calls that no rule can tell apart; None where there is something to look at closely.

    The second version of marshal writes equal values alike, whatever else refers to them.
    """
    if exchange.observed or exchange.error or exchange.steps_left_out:
        return None
    if exchange.steps and exchange.steps[-1].at >= SLOW_MS:  # some rules look at the clock
        return None
    scope: Scope = exchange.scope or {}
    told: list[Any] = [str(exchange.outcome), *map(scope.get, _LOOKED_AT)]
    for call, _, _, message, _, error, _, types in exchange.steps:
        words = None if message is None else _words(message)
        if error or types is not AS_SHOWN or (words is None and message is not None):
            return None
        told.append(call.value)
        told.append(words)
    return marshal.dumps(told, 2)


def _words(message: Message) -> Message | None:
    """A message of plain values and lists of pairs of bytes; None for any other.

    Its content is told by hash: a body of a megabyte is not written down.
    """
    words = message
    for key, value in message.items():
        kind = type(value)
        if kind is bytes:
            if len(value) >= _SHORT:
                words = {**words, key: (len(value), hash(value))}
        elif kind is list or kind is tuple:
            for pair in value:
                if type(pair) is not tuple or [*map(type, pair)] != _PAIR:
                    return None
        elif kind not in _PLAIN:
            return None
    return words


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
