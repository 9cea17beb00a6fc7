"""The scope and the messages for a page: each value leads back to the bytes that it came from."""

from __future__ import annotations

from collections.abc import Iterator

from ..exchange import Exchange, Verdict
from .bytes_html import MESSAGES_SHOWN, row_of
from .elements import Markup, element, joined, opening
from .meanings import ANY_FIELD, FRAMING, MESSAGES, SCOPE_KEYS, Meaning, of_field
from .scope_text import in_reading_order
from .timeline_text import summary
from .value_html import value_html

_NO_SCOPE = {
    Verdict.REJECTED: "None: the server answers by itself, and never calls the application.",
    Verdict.INCOMPLETE: "None yet: the application is called when the head is complete.",
    Verdict.ACCEPTED: "None: the application is never called.",
}
_UNKNOWN = Meaning("A key that this server adds.", "")


def scope_html(exchange: Exchange, linked: dict[str, str], limit: int) -> Markup:
    """A row for each key and each header; `linked` tells where in the bytes a token stands."""
    prefix = f"x{exchange.number}"
    if exchange.scope is None:
        return element("p", _NO_SCOPE[exchange.verdict], class_="none", id=f"{prefix}-scope")
    rows: list[Markup] = []
    for key, value in in_reading_order(exchange.scope).items():
        meaning = SCOPE_KEYS.get(key, _UNKNOWN)
        if key == "headers":
            rows.append(_row(exchange, "headers", [], Markup(""), meaning))
            rows += _header_rows(exchange, value, linked, limit)
            continue
        shown = _linked(exchange, key, value, linked, limit)
        rows.append(_row(exchange, key, [key], shown, meaning))
    return element("div", *rows, class_="scope", id=f"{prefix}-scope")


def _header_rows(exchange: Exchange, headers: object, linked: dict[str, str], limit: int) -> Iterator[Markup]:
    if not isinstance(headers, list | tuple):
        return
    for number, (name, value) in enumerate(headers):
        shown = joined(
            element("span", _linked(exchange, f"h{number}n", name, linked, limit), class_="hn"),
            _linked(exchange, f"h{number}v", value, linked, limit),
        )
        meaning = of_field(name) if isinstance(name, bytes) else ANY_FIELD
        yield _row(exchange, f"h{number}", [f"h{number}n", f"h{number}v"], shown, meaning, label="")


def _linked(exchange: Exchange, token: str, value: object, linked: dict[str, str], limit: int) -> Markup:
    """A link to the bytes; where none of them gives the value, only a place to point at."""
    shown, prefix = value_html(value, limit), f"x{exchange.number}"
    why = f"{prefix}-why-{row_of(token)}"
    if token not in linked:
        return element("span", shown, class_="v", tabindex="0", data_k=token, aria_describedby=why)
    href, id = f"#{prefix}-b-{linked[token]}", f"{prefix}-k-{token}"
    return element("a", shown, class_="v", href=href, id=id, data_k=token, aria_describedby=why)


def _row(
    exchange: Exchange, id: str, tokens: list[str], shown: Markup, meaning: Meaning, label: str | None = None
) -> Markup:
    name = element("span", id if label is None else label, class_="key")
    why = element("p", meaning.text, class_="why", id=f"x{exchange.number}-why-{id}", data_why=" ".join(tokens or [id]))
    return element("div", name, element("div", shown, class_="val"), why, class_="row")


def receive_html(exchange: Exchange, linked: dict[str, str], *, framed: bool, limit: int) -> Markup:
    """What each `await receive()` gives, in order; `framed` where the body came with chunk sizes."""
    prefix = f"x{exchange.number}"
    rows: list[Markup] = []
    bodies = 0
    for number, message in enumerate(exchange.receive[:MESSAGES_SHOWN], 1):
        kind = str(message.get("type"))
        bodies += kind == "http.request"
        token = f"m{bodies}" if kind == "http.request" else f"r{number}"
        about = element("span", summary(message), class_="msg")
        href = f"#{prefix}-b-{token}" if token in linked else None
        tag = "a" if href else "span"
        shown = element(
            tag,
            about,
            class_="v",
            href=href,
            tabindex=None if href else "0",
            id=f"{prefix}-k-{token}",
            data_k=token,
        )
        body = message.get("body", b"")
        content = value_html(body, limit) if body else None
        rows.append(
            element(
                "div",
                element("span", f"{number}", class_="key"),
                element("div", shown, content, class_="val", id=f"{prefix}-m{number}"),
                _why(exchange, token, MESSAGES.get(kind, _UNKNOWN)),
                class_="row",
            )
        )
    if len(exchange.receive) > MESSAGES_SHOWN:
        rows.append(element("p", f"… {len(exchange.receive) - MESSAGES_SHOWN:,} more", class_="more"))
    framing = element("div", _framing(exchange), class_="scope messages") if framed else None
    return joined(opening(rows, "div", "scope messages"), framing)


def _framing(exchange: Exchange) -> Markup:
    """What no message has of a chunked body."""
    shown = element("span", "in no message", class_="v", tabindex="0", data_k="framing")
    shown = element("span", shown, id=f"x{exchange.number}-k-framing")
    key = element("span", "framing", class_="key")
    why = _why(exchange, "framing", FRAMING)
    return element("div", key, element("div", shown, class_="val"), why, class_="row framed")


def _why(exchange: Exchange, token: str, meaning: Meaning) -> Markup:
    return element("p", meaning.text, class_="why", id=f"x{exchange.number}-why-{token}", data_why=token)
