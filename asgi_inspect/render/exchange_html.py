"""One request on a page: its seven steps, findings, bytes beside the scope, the conversation, the response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..captured import captured_wire
from ..exchange import By, Exchange, Verdict
from ..findings import Finding
from ..inspection import Inspection
from ..recording import Outcome
from ..span import LineIndex
from .bytes_html import bytes_html
from .elements import Markup, element, joined, seen
from .finding_html import finding_html
from .http2_html import over_http2_html, stream_html
from .journey_html import journey_html
from .layout import duration, size
from .messages_html import frames_html, no_steps, steps_html
from .plain_values import plain_exchange
from .response_html import response_html
from .scene import Scene
from .scope_html import receive_html, scope_html
from .sequence import group_scene, request_line, server_name
from .sequence_svg import scene_svg, width_of
from .value_html import value_html

Numbered = tuple[str, Finding]  # a finding with its id on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every part of a report needs: the run, how much of a body is shown, the lines of the connections."""

    inspection: Inspection
    body_limit: int
    indexes: dict[int, LineIndex]


def outcome_words(exchange: Exchange) -> tuple[str, str]:
    """The verdict in a few words, and "good", "bad" or "warn"."""
    response = exchange.response
    status = response.status if response is not None and response.by is not By.STAND_IN else None
    told = [str(exchange.verdict)]
    if status:
        told.append(str(status))
    if exchange.outcome not in (Outcome.NOT_RUN, Outcome.COMPLETED):
        return ", ".join([*told, str(exchange.outcome)]), "bad"
    if exchange.verdict is Verdict.REJECTED:
        return ", ".join(told), "bad"
    return ", ".join(told), "warn" if exchange.verdict is Verdict.INCOMPLETE or (status or 0) >= 500 else "good"


def exchange_html(exchange: Exchange, findings: Sequence[Numbered], sheet: Sheet) -> Markup:
    """Everything that is known of it; what an application may have sent is made plain first."""
    exchange = plain_exchange(exchange)
    inspection, prefix = sheet.inspection, f"x{exchange.number}"
    drawn, pieces = bytes_html(exchange, findings, sheet.indexes[exchange.connection], sheet.body_limit)
    cards = [finding_html(id, finding, exchange, inspection.capture, pieces.lines) for id, finding in findings]
    return joined(
        journey_html(exchange, inspection.server),
        element("div", *cards, class_="findings") if cards else None,
        _request(exchange, drawn, pieces.linked, sheet.body_limit),
        _part("The conversation", _conversation(exchange, findings, sheet), id=f"{prefix}-steps"),
        _frames(exchange),
        _over_http2(exchange, sheet.body_limit),
        _part("The response on the wire", _response(exchange, sheet), id=f"{prefix}-response"),
        _traceback(exchange.traceback),
        _captured(exchange, inspection),
        _other(exchange, sheet),
    )


def _part(title: str, content: Markup, *, id: str | None = None, note: str | None = None) -> Markup:
    small = element("small", note) if note else None
    return element("section", element("h3", title, " " if note else None, small), content, class_="part", id=id)


def _request(exchange: Exchange, drawn: Markup, linked: dict[str, str], limit: int) -> Markup:
    """Bytes on the left, scope and messages on the right, and a line that explains what is pointed at."""
    scope = scope_html(exchange, linked, limit)
    receive = receive_html(exchange, linked, framed="framing" in linked, limit=limit)
    gives = element("h3", "What receive() gives") if exchange.receive else None
    right = joined(element("h3", "The scope"), scope, gives, receive if exchange.receive else None)
    tell = element("p", "Point at a part, or tab to it: it and its counterpart light up.", class_="tell", role="status")
    panels = (
        element("section", element("h3", "The bytes of the request"), drawn, class_="panel"),
        element("section", right, class_="panel"),
    )
    return element("div", element("div", *panels, class_="panels"), tell, class_="request")


def _conversation(exchange: Exchange, findings: Sequence[Numbered], sheet: Sheet) -> Markup:
    scene = group_scene([exchange])
    flagged = {f"x{exchange.number}-s{finding.step}" for _, finding in findings if finding.step is not None}
    prefix = f"x{exchange.number}"
    steps = steps_html(exchange.steps, prefix, findings, sheet.body_limit, exchange.steps_left_out)
    return joined(
        picture(scene, sheet.inspection, flagged),
        *no_steps(exchange),
        element("h5", "Each step, in the order it was asked; open one for its message") if exchange.steps else None,
        steps if exchange.steps else None,
    )


def picture(scene: Scene, inspection: Inspection, flagged: set[str] | None = None) -> Markup:
    """A scene as a diagram that scrolls by itself where the page is narrow; arrows are links."""
    drawn, height = scene_svg(scene, server_name(inspection), flagged=flagged or set())
    width = width_of(scene)
    svg = element(
        "svg",
        drawn,
        class_="seq",
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="group",
        aria_label=f"Sequence diagram: {scene.title}",
    )
    return element("div", svg, class_="picture", tabindex="0", role="region", aria_label=f"Diagram: {scene.title}")


def _frames(exchange: Exchange) -> Markup | None:
    frames = frames_html(exchange) if exchange.http2 is None else stream_html(exchange)
    return _part("The frames", frames, id=f"x{exchange.number}-frames") if frames is not None else None


def _over_http2(exchange: Exchange, limit: int) -> Markup | None:
    shown = over_http2_html(exchange, limit)
    return _part("As it would look over HTTP/2", shown) if shown is not None else None


def _response(exchange: Exchange, sheet: Sheet) -> Markup:
    return response_html(exchange, sheet.inspection.default_headers, sheet.body_limit)


def _traceback(text: str | None) -> Markup | None:
    if not text:
        return None
    lines = (element("span", line) for line in text.splitlines())
    return _part("The traceback", element("pre", *lines, class_="traceback"), note="the application's frames only")


def _captured(exchange: Exchange, inspection: Inspection) -> Markup | None:
    """The response that the capture holds, to compare."""
    client = next(client for client in inspection.capture.connections if client.number == exchange.connection)
    wire = captured_wire(client, inspection.exchanges, exchange) if client.responses else None
    if not wire:
        return None
    head, _, rest = wire.partition(b"\r\n\r\n")
    lines = (element("span", seen(line + b"\r\n")) for line in head.split(b"\r\n"))
    more = element("p", f"… and {size(len(rest))} behind the head", class_="more")
    return _part("The response in the capture", joined(element("pre", *lines), more))


def _other(exchange: Exchange, sheet: Sheet) -> Markup | None:
    """The keys of the scope in which the other parser's differs."""
    other = sheet.inspection.other
    if other is None:
        return None
    place = (exchange.connection, exchange.span.start)
    beside = next((one for one in other.exchanges if (one.connection, one.span.start) == place), None)
    names = (sheet.inspection.server.parser, other.server.parser)
    mine, theirs = exchange.scope or {}, (beside.scope if beside is not None else None) or {}
    keys = [key for key in {**mine, **theirs} if key != "state" and mine.get(key) != theirs.get(key)]
    if beside is not None and not keys and beside.verdict is exchange.verdict:
        return None
    verdicts = (str(exchange.verdict), str(beside.verdict) if beside is not None else "no request here")
    rows = [_differs("verdict", *(element("span", verdict) for verdict in verdicts))]
    for key in keys if mine and theirs else ():
        rows.append(_differs(key, *(value_html(scope.get(key), sheet.body_limit) for scope in (mine, theirs))))
    head = element("tr", element("th", ""), *(element("th", name, scope="col") for name in names))
    return _part("As the other parser sees it", element("table", head, *rows, class_="both"))


def _differs(key: str, mine: Markup, theirs: Markup) -> Markup:
    return element("tr", element("th", key, scope="row"), element("td", mine), element("td", theirs))


def summary_line(exchange: Exchange, findings: Sequence[Numbered], *, several: bool) -> Markup:
    """Number, request line, verdict, time: what a closed request shows of itself."""
    told, state = outcome_words(exchange)
    took = duration(max((step.done or step.at for step in exchange.steps), default=0.0)) if exchange.steps else ""
    where = f"connection {exchange.connection}" if several else ""
    worst = max((finding.severity for _, finding in findings), key=lambda one: one.rank, default=None)
    count = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}" if findings else None
    return joined(
        element("span", f"{exchange.number}", class_="number"),
        element("code", request_line(exchange), class_="line-of"),
        element("span", where, class_="quiet") if where else None,
        element("span", took, class_="quiet") if took else None,
        element("span", count, class_=f"count {worst}") if count else None,
        element("span", told, class_=f"pill {state}"),
    )
