"""Responses without content: 204, 205, 304, and every response to HEAD."""

from __future__ import annotations

from collections.abc import Iterator

from .call import Call
from .content_length import WITHOUT_CONTENT
from .example import responds
from .rule import ERROR, NOTE, WARNING, Met, count, rule, shown


@rule(
    "content-length-on-no-body-status",
    WARNING,
    spec="RFC 9110 §8.6: a 1xx or 204 must not have a content-length",
    help="leave it out",
    seen="all: 204",
    wrong=responds('[(b"content-length", b"0")]', 'b""', status="204"),
    right=responds("[]", 'b""', status="204"),
)
def content_length_on_no_body_status(call: Call) -> Iterator[Met]:
    """Any number but 0 makes one of uvicorn's parsers wait for so many bytes."""
    if call.start and call.status == 204 and (values := call.headers(b"content-length")):
        severity = None if values[0] == b"0" else ERROR
        yield call.start.met(f"a 204 has a content-length ({shown(values[0])})", severity)


@rule(
    "content-length-304",
    NOTE,
    spec="RFC 9110 §8.6: a 304 may have the content-length that a 200 would have had",
    help="leave it out: with httptools uvicorn asks for so many bytes, and then closes",
    seen=(
        "uvicorn/h11, uvicorn/zttp, hypercorn, daphne, granian: 304 | uvicorn/httptools: RuntimeError@2, 304 + closed"
    ),
    wrong=responds('[(b"content-length", b"5")]', 'b""', status="304", beside=("app-raised-after-start",)),
    right=responds("[]", 'b""', status="304"),
)
def content_length_304(call: Call) -> Iterator[Met]:
    """In order by the text, and still an exception on one server."""
    if call.start and call.status == 304 and (values := call.headers(b"content-length")):
        yield call.start.met(f"a 304 with content-length {values[0].decode('latin-1')}")


@rule(
    "body-on-no-body-status",
    ERROR,
    spec="RFC 9110 §6.4.1: a 1xx, 204 or 304 response has no content",
    help='send b""',
    seen=(
        "uvicorn/h11: LocalProtocolError@2, 204 + closed | "
        "uvicorn/httptools: RuntimeError@2, 204 + closed | uvicorn/zttp, hypercorn, daphne, granian: 204"
    ),
    wrong=responds("[]", status="204"),
    right=responds("[]", 'b""', status="204"),
)
def body_on_no_body_status(call: Call) -> Iterator[Met]:
    """Refused here, dropped there, and left on the connection elsewhere."""
    if call.status in WITHOUT_CONTENT:
        for sent in [sent for sent in call.bodies if len(sent.content)][:1]:
            yield sent.met(f"a {call.status} with {count(call.size, 'byte')} of content")


@rule(
    "body-on-205",
    WARNING,
    spec="RFC 9110 §15.3.6: a server must not make content in a 205",
    help='send b""',
    seen="all: 205",
    wrong=responds(status="205"),
    right=responds('[(b"content-length", b"0")]', 'b""', status="205"),
)
def body_on_205(call: Call) -> Iterator[Met]:
    """No server looks."""
    if call.status == 205:
        for sent in [sent for sent in call.bodies if len(sent.content)][:1]:
            yield sent.met(f"a 205 with {count(call.size, 'byte')} of content")


@rule(
    "body-on-head",
    NOTE,
    spec="RFC 9110 §9.3.2: the response to HEAD has no content",
    help="send the headers of the GET, and b''",
    seen="all: ok",
    wrong=responds(method="HEAD"),
    right=responds(content='b""', method="HEAD"),
)
def body_on_head(call: Call) -> Iterator[Met]:
    """Thrown away; but of a body in several messages daphne leaves all but the first on the connection."""
    filled = [sent for sent in call.bodies if len(sent.content)]
    if filled and call.method == "HEAD" and call.status not in WITHOUT_CONTENT:
        severity = WARNING if len(call.bodies) > 1 and filled[-1] is not call.bodies[0] else None
        yield filled[0].met(f"{count(call.size, 'byte')} of content for HEAD", severity)
