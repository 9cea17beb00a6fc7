"""HTTP/2 on a page: the frames of a stream with their fields, and a request of HTTP/1 as it would look there."""

from __future__ import annotations

from collections.abc import Iterator

from ..exchange import By, Exchange
from ..http2 import Fields, Http2Frame
from .elements import Markup, element, joined, opening
from .http2_text import headline
from .value_html import value_html


def stream_html(exchange: Exchange) -> Markup | None:
    """The frames of both sides in order; a stand-in's answer is none."""
    stream = exchange.http2
    if stream is None:
        return None
    stands_in = exchange.response is not None and exchange.response.by is By.STAND_IN
    frames = [frame for frame in stream.frames if frame.by_client or not stands_in]
    told = f"Stream {stream.number}." if stream.number else "The connection itself."
    return joined(element("p", told, class_="more"), opening([_frame(frame) for frame in frames], "ol", "frames"))


def _frame(frame: Http2Frame) -> Markup:
    who = "client" if frame.by_client else "server"
    kind = f"{who} fault" if frame.fault else who
    return element("li", element("b", who), " ", headline(frame), *_fields(frame.fields), class_=kind)


def _fields(fields: Fields) -> Iterator[Markup]:
    """A line for each field, in its order."""
    for name, value in fields:
        yield element("div", element("code", _text(name)), ": ", element("code", _text(value)), class_="pair")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def over_http2_html(exchange: Exchange, limit: int) -> Markup | None:
    """The fields, each key of the scope that changes, before and after, and what else is different."""
    over = exchange.over_http2
    if over is None:
        return None
    rows = [
        element(
            "tr",
            element("th", one.key, scope="row"),
            element("td", value_html(one.before, limit)),
            element("td", value_html(one.after, limit), element("p", one.why, class_="more")),
        )
        for one in over.changes
    ]
    head = element("tr", *(element("th", name, scope="col") for name in ("", "HTTP/1", "HTTP/2")))
    told = [
        *(f"{_text(name)}: {why}" for name, why in over.dropped),
        *over.notes,
        *([over.words] if over.words else []),
    ]
    return joined(
        element("div", *_fields(over.fields), class_="wire-lines fields") if over.fields else None,
        element("table", head, *rows, class_="both") if rows else None,
        element("ul", *(element("li", one) for one in told)) if told else None,
    )
