"""The seven steps from connection to close, each with what happened to this request."""

from __future__ import annotations

from collections.abc import Iterator

from ..exchange import By, Exchange, Verdict
from ..recording import Call, Outcome
from ..serving import Server
from .elements import Markup, element
from .layout import duration, size
from .meanings import STEPS
from .response_text import why_closed
from .timeline_text import summary

_LONGEST = 160  # characters of a sentence; what an application raised may be a page


def journey_html(exchange: Exchange, server: Server) -> Markup:
    """An ordered list of seven; each leads to the part of the page that shows it."""
    prefix = f"x{exchange.number}"
    targets = ("scope", "bytes", "bytes", "scope", "steps", "steps", "response")
    steps = zip(STEPS, targets, _happened(exchange, server), strict=True)
    items = (
        element(
            "li",
            element("a", name, href=f"#{prefix}-{target}", title=meaning),
            element("p", told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"),
            class_=f"{state}",
        )
        for (name, meaning), target, (state, told) in steps
    )
    return element("ol", *items, class_="journey", aria_label="What happened, from connection to close")


def _happened(exchange: Exchange, server: Server) -> Iterator[tuple[str, str]]:
    """A state ("done", "bad", "not") and a sentence for each step."""
    yield "done", _connected(exchange)
    reads = len(exchange.arrived)
    length = size(exchange.span.end - exchange.span.start)
    yield "done", f"{length} in {reads} reads" if reads > 1 else f"{length} in one read"
    yield _parsed(exchange, server)
    if exchange.scope is None:
        for told in ("never called", "nobody asks", "nothing is sent"):
            yield "not", told
    else:
        yield from _called(exchange)
    yield _closed(exchange)


def _connected(exchange: Exchange) -> str:
    if exchange.scope is None:
        return f"connection {exchange.connection}"
    client, server = exchange.scope.get("client"), exchange.scope.get("server")
    if not (isinstance(client, tuple) and isinstance(server, tuple)):
        return f"connection {exchange.connection}"
    return f"{client[0]}:{client[1]} to {server[0]}:{server[1]}"


def _parsed(exchange: Exchange, server: Server) -> tuple[str, str]:
    name = server.parser
    if exchange.verdict is Verdict.REJECTED:
        return "bad", f"{name} refuses: {exchange.words}" if exchange.words else "the server refuses it"
    if exchange.verdict is Verdict.INCOMPLETE:
        return "bad", "the capture ends inside the request"
    fields = len(exchange.request.headers) if exchange.request is not None else 0
    return "done", f"{name} takes it: {fields} field{'' if fields == 1 else 's'}"


def _called(exchange: Exchange) -> Iterator[tuple[str, str]]:
    assert exchange.scope is not None
    kind = f"with a scope of type {exchange.scope.get('type')}"
    if exchange.outcome is Outcome.NOT_RUN:
        yield "not", f"it would be called, {kind}"
        yield "not", "; ".join(summary(message) for message in exchange.receive[:2])
        yield "not", "no application to answer"
        return
    yield "done", kind
    asked = sum(step.call is Call.RECEIVE for step in exchange.steps)
    times = {0: "it never asks", 1: "it asks once", 2: "it asks twice"}.get(asked, f"it asks {asked} times")
    given = ", ".join(dict.fromkeys(str(message.get("type")) for message in exchange.receive))
    yield "done" if asked else "not", f"{times}{': ' if given else ''}{given}"
    sent = [step for step in exchange.steps if step.call is Call.SEND]
    said = f"{len(sent)} message{'' if len(sent) == 1 else 's'}" if sent else "it sends nothing"
    error = f", then raises {exchange.error}" if exchange.error else ""
    bad = exchange.outcome not in (Outcome.COMPLETED, Outcome.DISCONNECTED)
    last = f" in {duration(sent[-1].at)}" if sent else ""
    yield ("bad" if bad else "done"), f"{said}{last}{error}"


def _closed(exchange: Exchange) -> tuple[str, str]:
    response = exchange.response
    if exchange.outcome is Outcome.NOT_RUN and exchange.verdict is not Verdict.REJECTED:
        return "not", "not shown without an application"
    wire = f"{size(len(response.wire))} go out" if response and response.by is not By.STAND_IN else "nothing goes out"
    fate = "kept alive" if exchange.keep_alive else f"closed: {why_closed(exchange, exchange.data)}"
    bad = exchange.verdict is not Verdict.ACCEPTED or exchange.outcome not in (Outcome.COMPLETED, Outcome.NOT_RUN)
    return ("bad" if bad else "done"), f"{wire}; {fate}"
