"""What uvicorn's two parsers see differently in the same bytes, and what a refusal takes with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .asgi import Message
from .exchange import Exchange, Verdict
from .findings import Finding, Severity
from .recording import Folded, Outcome
from .span import literal


def disagreements(
    chosen: Exchange, other: Exchange, parsers: tuple[str, str], found: Sequence[Finding]
) -> Iterator[Finding]:
    """Differences that no named fault in `found` explains; `parsers` are the names of both, in order."""
    if found:
        return
    if chosen.verdict is not other.verdict:
        yield _finding(chosen, "parsers-disagree", _verdicts(chosen, other, parsers), ())
    elif chosen.scope is not None and other.scope is not None:
        # `state` comes from the application, which is called for one of the two only.
        keys = [key for key in chosen.scope if key != "state" and chosen.scope[key] != other.scope.get(key)]
        if keys:
            message = f"the two parsers give the application a different {', '.join(keys)}"
            notes = tuple(_values(chosen, other, parsers, keys))
            yield _finding(chosen, "parsers-build-different-scopes", message, notes)
        elif _reads_all(chosen) and _content(chosen.receive) != _content(other.receive):
            message = "the two parsers give the application a different body"
            yield _finding(chosen, "parsers-read-different-bodies", message, ())


def _verdicts(chosen: Exchange, other: Exchange, parsers: tuple[str, str]) -> str:
    return " and ".join(
        f"{parser} {_TOLD[exchange.verdict]}{f' ({exchange.words})' if exchange.words else ''}"
        for parser, exchange in zip(parsers, (chosen, other), strict=True)
    )


_TOLD = {
    Verdict.ACCEPTED: "accepts this request",
    Verdict.REJECTED: "refuses it",
    Verdict.INCOMPLETE: "waits for more bytes",
}


def _values(chosen: Exchange, other: Exchange, parsers: tuple[str, str], keys: list[str]) -> Iterator[str]:
    for key in keys:
        for parser, exchange in zip(parsers, (chosen, other), strict=True):
            assert exchange.scope is not None
            yield f"{parser}: {key} = {literal(exchange.scope[key])}"


def _reads_all(exchange: Exchange) -> bool:
    """Whether `receive` holds all of the body: an application need not ask for it, the stand-in does."""
    last = exchange.receive[-1] if exchange.receive else {}
    return exchange.outcome is Outcome.NOT_RUN or ("body" in last and not last.get("more_body"))


def _content(messages: Sequence[Message]) -> bytes | tuple[str, ...]:
    bodies = [message.get("body", b"") for message in messages]
    if any(isinstance(body, Folded) for body in bodies):
        return tuple(body.sha256 if isinstance(body, Folded) else body.hex() for body in bodies)
    return b"".join(bodies)


def _finding(exchange: Exchange, rule: str, message: str, notes: tuple[str, ...]) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        message=message,
        notes=notes,
        help="pin the server's --http option, and send what both read the same",
        connection=exchange.connection,
        exchange=exchange.number,
        span=exchange.head.lines[0] if exchange.head.lines else exchange.span,
    )


def lost_answers(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """Calls whose answer never left because a later fault in the same read closed the connection."""
    refused = next((exchange for exchange in exchanges if exchange.verdict is Verdict.REJECTED), None)
    if refused is None:
        return
    for exchange in exchanges:
        if exchange is not refused and exchange.verdict is Verdict.ACCEPTED and exchange.response is None:
            yield Finding(
                rule="answer-lost",
                severity=Severity.WARNING,
                message=f"the application is called for request {exchange.number}, but its answer never leaves",
                notes=(
                    f"request {refused.number} came in the same read and is refused: "
                    "uvicorn closes the connection before the application has run",
                ),
                help="the client cannot know that this request was carried out; it must not be repeated blindly",
                connection=exchange.connection,
                exchange=exchange.number,
                span=exchange.head.lines[0],
            )
