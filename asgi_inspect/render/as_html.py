"""Inspection → one HTML file that needs nothing else: no network, no script but its own, none at all if need be.

A Content-Security-Policy lets in exactly the page's own stylesheet and script, by their hashes.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256

from ..exchange import Exchange
from ..findings import Finding, Severity
from ..inspection import Inspection
from ..span import LineIndex, visible
from .elements import Markup, asset, element, joined
from .exchange_html import Numbered, Sheet, exchange_html, outcome_words, picture, summary_line
from .finding_html import exchange_of, finding_html
from .guide_html import guide_html
from .layout import size
from .lifespan_html import lifespan_html
from .sequence import group_scene, lifespan_scenes, overlapping, request_line, server_name

_DRAWN = 30  # requests that are in the page from the start; the script puts in others when they are opened
_OPEN = 3  # of so many at most each stands open
_DETAILED = 2000  # requests that are told in full; of those behind, what went well has its line only
_LINES = 20_000  # requests that are in the page at all
_LISTED = 200  # findings in the list at the top


def as_html(inspection: Inspection, *, body_limit: int, exit_code: int = 0) -> str:
    """The whole page. `body_limit` is how many bytes of each body are shown."""
    style, script = asset("report.css") + asset("sequence.css"), asset("report.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=f"{policy}; base-uri 'none'; form-action 'none'"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", _title(inspection)),
        element("style", Markup(style)),
        element("script", Markup(script)),
    )
    body = element("body", *_body(inspection, body_limit, exit_code))
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _title(inspection: Inspection) -> str:
    if len(inspection.exchanges) == 1:
        return f"{request_line(inspection.exchanges[0])} · asgi-inspect"
    return f"{inspection.capture.source}, {len(inspection.exchanges)} requests · asgi-inspect"


def _body(inspection: Inspection, body_limit: int, exit_code: int) -> Iterator[Markup]:
    indexes = {client.number: LineIndex(client.data) for client in inspection.capture.connections}
    sheet = Sheet(inspection=inspection, body_limit=body_limit, indexes=indexes)
    numbered = [(f"finding-{number}", finding) for number, finding in enumerate(_sorted(inspection.findings), 1)]
    owners = {id: exchange_of(finding, inspection.exchanges) for id, finding in numbered}
    loose = [(id, one) for id, one in numbered if owners[id] is None]
    by_exchange: dict[int, list[Numbered]] = {}
    for id, one in numbered:
        if (owner := owners[id]) is not None:
            by_exchange.setdefault(owner.number, []).append((id, one))
    yield element("header", *_header(inspection, numbered, exit_code))
    startup, shutdown = lifespan_scenes(inspection.lifespan)
    cards = [finding_html(id, one, None, inspection.capture) for id, one in loose if one.step is None]
    lifespan = [(id, one) for id, one in loose if one.step is not None]
    main = [
        guide_html(inspection),
        _repairs(inspection),
        _about_the_whole(cards) if cards else None,
        lifespan_html(inspection, startup, lifespan, body_limit),
        *_exchanges(sheet, by_exchange),
        *(_unread(inspection)),
        lifespan_html(inspection, shutdown, [], body_limit) if shutdown is not None else None,
        _printed(inspection),
    ]
    yield element("main", *main)
    yield element("footer", *_footer(inspection))


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -finding.severity.rank)


def _header(inspection: Inspection, numbered: list[Numbered], exit_code: int) -> Iterator[Markup]:
    """What a glance needs: the request, the verdict, the server, what is wrong."""
    capture, server = inspection.capture, inspection.server
    yield element("p", "asgi-inspect", class_="brand")
    if len(inspection.exchanges) == 1:
        exchange = inspection.exchanges[0]
        told, state = outcome_words(exchange)
        yield element("h1", element("code", request_line(exchange)), " ", element("span", told, class_=f"pill {state}"))
    else:
        yield element("h1", f"{len(inspection.exchanges):,} requests", " ", *_tally(inspection))
    length = size(sum(len(client.data) for client in capture.connections))
    kind = "raw HTTP" if capture.format == "raw" else capture.format
    facts = [
        ("source", capture.source),
        ("capture", f"{kind}, {length}, {capture.fidelity}"),
        ("server", f"{server_name(inspection)} with {server.parser} {server.parser_version}"),
        ("findings", _counted(inspection, exit_code)),
    ]
    yield element("dl", *(element("div", element("dt", name), element("dd", said)) for name, said in facts))
    if numbered:
        items = [
            element(
                "li",
                element("a", element("b", one.severity), " ", element("code", one.rule), href=f"#{id}"),
                " ",
                one.message,
                class_=one.severity,
            )
            for id, one in numbered[:_LISTED]
        ]
        more = element("li", f"… {len(numbered) - _LISTED:,} more") if len(numbered) > _LISTED else None
        yield element("ul", *items, more, class_="list", aria_label="Findings")


def _tally(inspection: Inspection) -> Iterator[Markup]:
    """How many requests ended alike."""
    counted = Counter(outcome_words(exchange) for exchange in inspection.exchanges)
    for (told, state), count in counted.most_common(8):
        yield element("span", f"{count:,} × {told}", class_=f"pill {state}")


def _counted(inspection: Inspection, exit_code: int) -> str:
    counts = Counter(finding.severity for finding in inspection.findings)
    told = [f"{counts[one]} {one}{'' if counts[one] == 1 else 's'}" for one in reversed(Severity) if counts[one]]
    said = ", ".join(told) or "no findings"
    same = inspection.other is not None and not any(one.rule.startswith("parsers-") for one in inspection.findings)
    if same and inspection.other is not None and not inspection.findings:
        said += f"; {inspection.other.server.parser} reads the same"
    if inspection.interrupted:
        said += "; interrupted"
    return f"{said}, exit {int(exit_code)}"


def _repairs(inspection: Inspection) -> Markup | None:
    repairs = inspection.capture.repairs
    if not repairs:
        return None
    items = (element("li", element("code", repair.rule), " ", repair.message) for repair in repairs)
    told = element("p", "--strict-bytes takes the bytes as they are.", class_="more")
    return element("section", element("h2", "Repaired before reading"), element("ul", *items), told, class_="card")


def _about_the_whole(cards: list[Markup]) -> Markup:
    listed = element("div", *cards, class_="findings")
    return element("section", element("h2", "Findings about the whole"), listed, class_="card")


def _exchanges(sheet: Sheet, by_exchange: dict[int, list[Numbered]]) -> Iterator[Markup]:
    """Each request; streams that overlap have one diagram for all before them."""
    inspection = sheet.inspection
    several = len(inspection.capture.connections) > 1
    shown = 0
    for group in overlapping(inspection.exchanges[:_LINES]):
        if len(group) > 1 and shown < _DETAILED:
            scene = group_scene(group)
            title = element("h2", "Streams at the same time")
            yield element("section", title, picture(scene, inspection), class_="card")
        for exchange in group:
            findings = by_exchange.get(exchange.number, [])
            shown += 1
            if shown > _DETAILED and not findings and outcome_words(exchange)[1] == "good":
                yield element("div", summary_line(exchange, [], several=several), class_="x card brief")
            else:
                yield _exchange(exchange, findings, sheet, several, lazy=shown > _DRAWN)
    hidden = len(inspection.exchanges) - _LINES
    if hidden > 0:
        yield element("p", f"… {hidden:,} requests more are not in this page: --format jsonl has all.", class_="more")


def _exchange(exchange: Exchange, findings: list[Numbered], sheet: Sheet, several: bool, *, lazy: bool) -> Markup:
    """One alone stands open; among many each opens by itself. Where a script runs, what is far down is put in late."""
    content = exchange_html(exchange, findings, sheet)
    id = f"x{exchange.number}"
    if len(sheet.inspection.exchanges) == 1:
        return element("section", content, class_="x card", id=id)
    inside = element("noscript", content) if lazy else content
    line = element("summary", summary_line(exchange, findings, several=several))
    is_open = len(sheet.inspection.exchanges) <= _OPEN
    held = [id for id, _ in findings] if lazy else []
    names = " ".join([id, *held])
    body = element("div", inside, class_="inside")
    return element("details", line, body, class_="x card", id=id, open=is_open, data_holds=names)


def _unread(inspection: Inspection) -> Iterator[Markup]:
    for number, span in inspection.unread:
        data = next(client.data for client in inspection.capture.connections if client.number == number)
        start = visible(data[span.start : span.start + 200])
        told = f"{size(span.end - span.start)} from byte {span.start} on never reach an application:"
        pre = element("pre", element("span", start))
        yield element("section", element("h2", "Not read"), element("p", told), pre, class_="card")


def _printed(inspection: Inspection) -> Markup | None:
    if not inspection.printed:
        return None
    lines = inspection.printed.splitlines()
    shown = (element("span", line) for line in lines[:200])
    more = element("p", f"… {len(lines) - 200:,} lines more", class_="more") if len(lines) > 200 else None
    pre = element("pre", *shown)
    return element("section", element("h2", "What the application printed"), pre, more, class_="card", id="printed")


def _footer(inspection: Inspection) -> Iterator[Markup]:
    tools = ", ".join(f"{name} {version}" for name, version in inspection.tool.items())
    yield element("p", joined("Made by ", tools, ". This file needs no network, and works without JavaScript."))
