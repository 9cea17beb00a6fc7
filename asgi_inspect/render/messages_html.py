"""Every step of a call for a page: a line each, which opens to the message as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..exchange import Exchange
from ..findings import Finding
from ..recording import Call, Folded, Step
from .elements import Markup, element, joined, opening, seen
from .finding_html import badges, step_shown
from .layout import duration, size
from .meanings import MESSAGES
from .source_html import source_html
from .timeline_text import summary
from .value_html import mapping_html
from .websocket_text import frame_words

_WIRE_SHOWN = 1024


def steps_html(
    steps: Sequence[Step], prefix: str, findings: Sequence[tuple[str, Finding]], limit: int, left_out: int = 0
) -> Markup:
    """A list of steps, each with the id that arrows and findings lead to; the middle of very many is counted."""
    rows: list[Markup] = []
    hidden = 0
    for number, step in enumerate(steps, 1):
        if not step_shown(number, len(steps)):
            hidden += 1
            continue
        if hidden:
            rows.append(element("li", f"… {hidden + left_out:,} steps more", class_="more"))
            hidden = 0
        about = [(id, finding) for id, finding in findings if finding.step == number]
        rows.append(_step(step, f"{prefix}-s{number}", about, limit))
    return opening(rows, "ol", "steps")


def _step(step: Step, id: str, findings: list[tuple[str, Finding]], limit: int) -> Markup:
    said, way = _said(step)
    head = element(
        "summary",
        element("span", duration(step.at), class_="time"),
        element("span", way, class_=f"way {step.call}", aria_hidden="true"),
        element("span", said, class_="said"),
        element("span", step.source or "", class_="source-of"),
        *badges(findings),
    )
    kind = str((step.message or {}).get("type"))
    meaning = MESSAGES.get(kind)
    inside = joined(
        element("p", meaning.text, class_="about") if meaning else None,
        mapping_html(dict(step.message), limit) if step.message is not None else None,
        element("p", f"raises {step.error}", class_="raised") if step.error and step.call is not Call.RETURN else None,
        _wire(step.wire),
        _took(step),
        source_html(step.source, around=0) if step.source else None,
    )
    return element("li", element("details", head, element("div", inside, id=id, class_="inside")))


def _said(step: Step) -> tuple[str, str]:
    """The step in a few words, and which way it goes."""
    if step.call is Call.RECEIVE:
        gives = f" gives {summary(step.message)}" if step.message is not None else " is never answered"
        return f"receive(){gives if not step.error else ' raises'}", "⇄"
    if step.call is Call.SEND:
        return f"send {summary(step.message or {})}", "←"
    if step.call is Call.RAISE:
        return f"raises {step.error or ''}", "✕"
    if step.call is Call.SERVER:
        return f"the server answers by itself: {size(len(step.wire))}", "←"
    return step.error or "returns", "←"


def _took(step: Step) -> Markup | None:
    if step.done is None or step.call is not Call.RECEIVE:
        return None
    return element("p", f"Asked at {duration(step.at)}, answered {duration(step.done - step.at)} later.", class_="took")


def _wire(wire: bytes | Folded) -> Markup | None:
    """What the step put on the wire, line by line."""
    if not len(wire):
        return None
    data = wire.head if isinstance(wire, Folded) else wire[:_WIRE_SHOWN]
    lines = (element("span", seen(line)) for line in data.splitlines(keepends=True))
    more = element("span", f"… {size(len(wire) - len(data))} more", class_="more") if len(wire) > len(data) else None
    return element(
        "div", element("p", f"{size(len(wire))} to the client:"), element("pre", *lines, more), class_="wire"
    )


def frames_html(exchange: Exchange) -> Markup | None:
    """The frames of a WebSocket, both sides' in order."""
    talk = exchange.websocket
    if talk is None or not talk.frames:
        return None
    rows: list[Markup] = []
    hidden = 0
    for number, frame in enumerate(talk.frames, 1):
        if not step_shown(number, len(talk.frames)):
            hidden += 1
            continue
        if hidden:
            rows.append(element("li", f"… {hidden + talk.left_out:,} frames more", class_="more"))
            hidden = 0
        who = "client" if frame.by_client else "server"
        kind = " fault" if frame.fault or not frame.sent else ""
        said = (element("b", who), " ", frame_words(frame))
        rows.append(element("li", *said, class_=f"{who}{kind}", id=f"x{exchange.number}-f{number}"))
    agreed = f"subprotocol {talk.subprotocol}" if talk.subprotocol else "no subprotocol"
    told = f"Agreed: {agreed}, {talk.extension or 'no compression'}." if talk.accepted else "The handshake was refused."
    return joined(element("p", told, class_="more"), opening(rows, "ol", "frames"))


def no_steps(exchange: Exchange) -> Iterator[Markup]:
    """Where no application was called: what stands in for one."""
    if exchange.scope is not None and not exchange.steps:
        said = "No application was named: --app calls one, and its messages stand here."
        yield element("p", said, class_="none")
