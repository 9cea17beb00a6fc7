"""Exact bytes stay exact; typed text is mended where it must be, and only there."""

from __future__ import annotations

import mmap
import time
from pathlib import Path
from typing import NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_inspect.captures.capture import Capture, Fidelity
from asgi_inspect.captures.mending import Mending
from asgi_inspect.captures.raw import _as_programs_write, _mend, read_raw
from tests.request_table import REQUESTS, reads


def data_of(capture: Capture) -> bytes:
    """The bytes of the only connection."""
    (connection,) = capture.connections
    return connection.data


def rules(capture: Capture) -> list[str]:
    """The rules of the repairs, in order."""
    return [repair.rule for repair in capture.repairs]


GOOD = {
    "get": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "http/1.0 without fields": b"GET / HTTP/1.0\r\n\r\n",
    "absolute target": b"GET http://x/p?q#f HTTP/1.1\r\nHost: x\r\n\r\n",
    "options": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "body that ends in LF": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhello\n",
    "body that ends in CRLF": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nhello\r\n",
    "body of line feeds": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\n\n\n",
    "body that looks like a typed request": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 23\r\n\r\nGET / HTTP/2 \nHost: y\n\n"
    ),
    "body with a byte order mark": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\xef\xbb\xbf\n",
    "empty body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "chunked": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunk of line feeds": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\n\n\n\r\n0\r\n\r\n",
    "chunk extension and trailer": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\nT: v\r\n\r\n"
    ),
    "pipelined": b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
    "pipelined behind a body": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\naGET / HTTP/1.1\r\nHost: x\r\n\r\n"
    ),
    "pipelined behind chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
    ),
    "backslashes in a value": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\\r\\nb\\n\r\n\r\n",
    "backslashes in the target": b"GET /a\\r\\nb\\n HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2 in a value": b"GET / HTTP/1.1\r\nHost: x\r\nVia: GET / HTTP/2\r\n\r\n",
    "websocket frames behind a handshake": (
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nGET / HTTP/2 \n\n"
    ),
}

# Not good, but no slip of typing either: the parsers have the word.
AS_MEANT = {
    "a bare LF between CRLFs": b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
    "a blank line of bare LF in a CRLF head": b"GET / HTTP/1.1\r\nHost: x\n\nGET /s HTTP/1.1\nHost: y\n\n",
    "one CRLF at the end of an LF head": b"GET / HTTP/1.1\nHost: x\n\r\n",
    "an LF request behind a CRLF one": b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /s HTTP/2 \nHost: y\n\n",
    "blank lines between CRLF requests": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "blank line behind a CRLF request without a body": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
    "blank lines in front of a CRLF request": b"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "trailing blank on the request line of a CRLF head": b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
    "two line ends behind a body": b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab\n\n",
    "text behind a body": b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nabc\n",
    "a body that is short": b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc\n",
    "a line end where two lengths conflict": b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab\n",
    "a line end where length and chunks conflict": (
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab\n"
    ),
    "a signed length": b"POST / HTTP/1.1\r\nContent-Length: +2\r\n\r\nab\n",
    "a blank before the colon of the length": b"POST / HTTP/1.1\r\nContent-Length : 2\r\n\r\nab\n",
    "a folded length": b"POST / HTTP/1.1\r\nContent-Length: 2\r\n 0\r\n\r\nab\n",
    "a bare CR in the head": b"POST / HTTP/1.1\r\nX: a\rContent-Length: 2\r\nContent-Length: 2\r\n\r\nab\n",
    "chunks of HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/2\r\n\r\n",
    "LF chunks behind a CRLF head": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n",
    "a bad chunk size": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nGET / HTTP/2\r\n\r\n",
    "cut before the blank line": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "cut in a CRLF": b"GET / HTTP/1.1\r\nHost: x\r",
    "cut in the first CRLF": b"GET / HTTP/1.1\r",
    "cut in a field": b"GET / HTTP/1.1\r\nHos",
    "cut in the version": b"GET / HTTP/1",
    "cut in the target": b"GET /ind",
    "HTTP/2.0, on which parsers differ": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "http/2 in lower case": b"GET / http/2\r\nHost: x\r\n\r\n",
    "the HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a mutilated HTTP/2 preface": b"PRI * HTTP/2\r\n\r\nSM\r\n\r\n",
    "trailing blank but no version": b"GET / \r\nHost: x\r\n\r\n",
    "an obsolete fold": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "a no-break space": b"GET / HTTP/1.1\r\nHost:\xc2\xa0x\r\n\r\n",
    "UTF-8 in the target": b"GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
    "CR alone": b"GET / HTTP/1.1\rHost: x\r\r",
    "a response": b"HTTP/1.1 200 OK\nServer: x\n\n",
    "LF text that is no request": b"hello\nworld\n",
    "blank lines and no request": b"\n\n\n",
    "a byte order mark alone": b"\xef\xbb\xbf",
    "nothing": b"",
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("data", [*GOOD.values(), *AS_MEANT.values()], ids=[*GOOD, *AS_MEANT])
def test_these_are_left_alone(data: bytes) -> None:
    capture = read_raw(data, "f")

    assert capture.repairs == ()
    assert data_of(capture) is data
    assert capture.fidelity is Fidelity.EXACT
    assert (capture.format, capture.source, capture.findings) == ("raw", "f", ())


class Typed(NamedTuple):
    """Text as typed, the bytes it stands for, and the repairs with the bytes their spans show."""

    data: bytes
    mended: bytes
    repairs: list[tuple[str, bytes]]


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LF = ("bare-line-feed", b"\r\nHost: x\r\n\r\n")
SPELLED = ("literal-escapes", b"\r\nHost: x\r\n\r\n")
LENGTH_2 = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
LF_LENGTH_2 = ("bare-line-feed", LENGTH_2[15:])
LF_CHUNKED = ("bare-line-feed", CHUNKED[15:])

TYPED = {
    "LF head": Typed(b"GET / HTTP/1.1\nHost: x\n\n", GET, [LF]),
    "no blank line": Typed(
        b"GET / HTTP/1.1\nHost: x\n", GET, [("bare-line-feed", b"\r\nHost: x\r\n"), ("missing-blank-line", b"\r\n")]
    ),
    "no line end at all": Typed(
        b"GET / HTTP/1.1\nHost: x", GET, [("bare-line-feed", b"\r\n"), ("missing-blank-line", b"\r\n\r\n")]
    ),
    "a whole request line and nothing else": Typed(
        b"GET / HTTP/1.1", b"GET / HTTP/1.1\r\n\r\n", [("missing-blank-line", b"\r\n\r\n")]
    ),
    "a request line of HTTP/0.9": Typed(
        b"GET /\n", b"GET /\r\n\r\n", [("bare-line-feed", b"\r\n"), ("missing-blank-line", b"\r\n")]
    ),
    "a broken request line": Typed(b"get  / http/1.1 x\nHost: x\n\n", b"get  / http/1.1 x\r\nHost: x\r\n\r\n", [LF]),
    "blanks in front": Typed(b" GET / HTTP/1.1\nHost: x\n\n", b" " + GET, [LF]),
    "byte order mark": Typed(b"\xef\xbb\xbf" + GET, GET, [("byte-order-mark", b"")]),
    "byte order mark twice": Typed(b"\xef\xbb\xbf\xef\xbb\xbf" + GET, GET, [("byte-order-mark", b"")]),
    "blank lines in front": Typed(b"\n  \n\n" + GET, GET, [("blank-lines-before-request", b"")]),
    "blank lines in front of an LF head": Typed(
        b"\r\n\nGET / HTTP/1.1\nHost: x\n\n", GET, [("blank-lines-before-request", b""), LF]
    ),
    "mark and blank line": Typed(
        b"\xef\xbb\xbf\n" + GET, GET, [("byte-order-mark", b""), ("blank-lines-before-request", b"")]
    ),
    "mark before a captured blank line": Typed(b"\xef\xbb\xbf\r\n" + GET, b"\r\n" + GET, [("byte-order-mark", b"")]),
    "HTTP/2": Typed(b"GET / HTTP/2\r\nHost: x\r\n\r\n", GET, [("http2-request-line", b"HTTP/1.1")]),
    "HTTP/3": Typed(b"GET / HTTP/3\r\nHost: x\r\n\r\n", GET, [("http2-request-line", b"HTTP/1.1")]),
    "HTTP/2 of a second request": Typed(
        GET + b"GET / HTTP/2\r\nHost: x\r\n\r\n", GET * 2, [("http2-request-line", b"HTTP/1.1")]
    ),
    "HTTP/2 in a head that is cut": Typed(
        b"GET / HTTP/2\r\nHost: x\r\n", GET[:-2], [("http2-request-line", b"HTTP/1.1")]
    ),
    "HTTP/2 as the target": Typed(
        b"GET HTTP/2 HTTP/2\r\n\r\n", b"GET HTTP/2 HTTP/1.1\r\n\r\n", [("http2-request-line", b"HTTP/1.1")]
    ),
    "trailing blank": Typed(b"GET / HTTP/1.1 \nHost: x\n\n", GET, [("trailing-space-on-request-line", b""), LF]),
    "trailing blanks and tab": Typed(
        b"GET / HTTP/1.1 \t \nHost: x\n\n", GET, [("trailing-space-on-request-line", b""), LF]
    ),
    "all at once": Typed(
        b"\xef\xbb\xbf\nGET / HTTP/2 \nHost: x\n",
        GET,
        [
            ("byte-order-mark", b""),
            ("blank-lines-before-request", b""),
            ("http2-request-line", b"HTTP/1.1"),
            ("trailing-space-on-request-line", b""),
            ("bare-line-feed", b"\r\nHost: x\r\n"),
            ("missing-blank-line", b"\r\n"),
        ],
    ),
    "escapes on one line": Typed(rb"GET / HTTP/1.1\r\nHost: x\r\n\r\n", GET, [SPELLED]),
    "escapes of LF on one line": Typed(rb"GET / HTTP/1.1\nHost: x\n\n", GET, [SPELLED]),
    "escapes on one line and the editor's newline": Typed(
        rb"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"\r\n", GET, [SPELLED, ("blank-lines-after-request", b"")]
    ),
    "escapes with real line ends behind them": Typed(b"GET / HTTP/1.1\\r\\n\nHost: x\\r\\n\n\\r\\n\n", GET, [SPELLED]),
    "escapes with Windows line ends behind them": Typed(
        b"GET / HTTP/1.1\\r\\n\r\nHost: x\\r\\n\r\n\\r\\n\r\n", GET, [SPELLED]
    ),
    "escapes with a real blank line": Typed(b"GET / HTTP/1.1\\r\\n\nHost: x\\r\\n\n\n", GET, [SPELLED]),
    "escapes without the blank line": Typed(
        rb"GET / HTTP/1.1\r\nHost: x",
        GET,
        [("literal-escapes", b"\r\n"), ("missing-blank-line", b"\r\n\r\n")],
    ),
    "escapes on one line with a body that has some": Typed(
        rb"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\na\r\nb" + b"\n",
        b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\na\\r\\nb",
        [("literal-escapes", b"\r\nContent-Length: 6\r\n\r\n"), ("newline-after-body", b"")],
    ),
    "escapes on one line, body that begins with LF": Typed(
        rb"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n" + b"\na",
        LENGTH_2 + b"\na",
        [("literal-escapes", LENGTH_2[15:])],
    ),
    "escapes in a value stay if the line ends are the other kind": Typed(
        rb"GET / HTTP/1.1\r\nX: a\nb\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\\nb\r\n\r\n",
        [("literal-escapes", b"\r\nX: a\\nb\r\n\r\n")],
    ),
    "escapes, two requests on one line": Typed(rb"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2, GET * 2, [SPELLED, SPELLED]),
    "newline behind a body": Typed(LENGTH_2 + b"ab\n", LENGTH_2 + b"ab", [("newline-after-body", b"")]),
    "Windows newline behind a body": Typed(LENGTH_2 + b"ab\r\n", LENGTH_2 + b"ab", [("newline-after-body", b"")]),
    "newline behind a body that ends in one": Typed(
        LENGTH_2 + b"a\n\n", LENGTH_2 + b"a\n", [("newline-after-body", b"")]
    ),
    "newline behind the body of a second request": Typed(
        GET + LENGTH_2 + b"ab\n", GET + LENGTH_2 + b"ab", [("newline-after-body", b"")]
    ),
    "LF head, body as it is": Typed(b"POST / HTTP/1.1\nContent-Length: 2\n\n\n\n", LENGTH_2 + b"\n\n", [LF_LENGTH_2]),
    "LF head, body with CRLF": Typed(b"POST / HTTP/1.1\nContent-Length: 2\n\n\r\n", LENGTH_2 + b"\r\n", [LF_LENGTH_2]),
    "LF head, newline behind the body": Typed(
        b"POST / HTTP/1.1\nContent-Length: 2\n\nab\n", LENGTH_2 + b"ab", [LF_LENGTH_2, ("newline-after-body", b"")]
    ),
    "LF head, blank lines behind the body": Typed(
        b"POST / HTTP/1.1\nContent-Length: 2\n\nab\n\n\n",
        LENGTH_2 + b"ab",
        [LF_LENGTH_2, ("blank-lines-after-request", b"")],
    ),
    "LF head, body short": Typed(b"POST / HTTP/1.1\nContent-Length: 2\n\na", LENGTH_2 + b"a", [LF_LENGTH_2]),
    "LF head, body long": Typed(b"POST / HTTP/1.1\nContent-Length: 2\n\nabc\n", LENGTH_2 + b"abc\n", [LF_LENGTH_2]),
    "LF head, blank lines behind it": Typed(
        b"GET / HTTP/1.1\nHost: x\n\n\n\n", GET, [LF, ("blank-lines-after-request", b"")]
    ),
    "LF chunks": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\na\n\n0\n\n",
        CHUNKED + b"2\r\na\n\r\n0\r\n\r\n",
        [LF_CHUNKED, ("bare-line-feed-in-chunks", b"\r\na\n\r\n0\r\n\r\n")],
    ),
    "LF chunks with extension and trailer": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n1;a\nx\n0\nT: v\n\n",
        CHUNKED + b"1;a\r\nx\r\n0\r\nT: v\r\n\r\n",
        [LF_CHUNKED, ("bare-line-feed-in-chunks", b"\r\nx\r\n0\r\nT: v\r\n\r\n")],
    ),
    "LF chunks without the last blank line": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n1\nx\n0\n",
        CHUNKED + b"1\r\nx\r\n0\r\n\r\n",
        [LF_CHUNKED, ("bare-line-feed-in-chunks", b"\r\nx\r\n0\r\n"), ("missing-blank-line", b"\r\n")],
    ),
    "LF chunks that end with the 0": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n1\nx\n0",
        CHUNKED + b"1\r\nx\r\n0\r\n\r\n",
        [LF_CHUNKED, ("bare-line-feed-in-chunks", b"\r\nx\r\n"), ("missing-blank-line", b"\r\n\r\n")],
    ),
    "LF chunks, newline behind them": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n\n\n",
        CHUNKED + b"0\r\n\r\n",
        [LF_CHUNKED, ("bare-line-feed-in-chunks", b"\r\n\r\n"), ("newline-after-body", b"")],
    ),
    "LF head, CRLF chunks": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n1\r\nx\r\n0\r\n\r\n",
        CHUNKED + b"1\r\nx\r\n0\r\n\r\n",
        [LF_CHUNKED],
    ),
    "LF chunks that do not add up": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nx\n0\n\n", CHUNKED + b"3\nx\n0\n\n", [LF_CHUNKED]
    ),
    "LF chunks with a size that is none": Typed(
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nzz\nx\n0\n\n", CHUNKED + b"zz\nx\n0\n\n", [LF_CHUNKED]
    ),
    "several LF requests": Typed(
        b"GET / HTTP/1.1\nHost: x\n\nPOST / HTTP/1.1\nContent-Length: 2\n\nab\nGET / HTTP/1.1\nHost: x\n\n\n"
        b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n\nGET / HTTP/1.1\nHost: x\n",
        GET + LENGTH_2 + b"ab" + GET + CHUNKED + b"0\r\n\r\n" + GET,
        [
            LF,
            LF_LENGTH_2,
            ("blank-lines-before-request", b""),
            LF,
            ("blank-lines-before-request", b""),
            LF_CHUNKED,
            ("bare-line-feed-in-chunks", b"\r\n\r\n"),
            ("bare-line-feed", b"\r\nHost: x\r\n"),
            ("missing-blank-line", b"\r\n"),
        ],
    ),
    "a CRLF request behind an LF one": Typed(
        b"GET / HTTP/1.1\nHost: x\n\n\n" + GET, GET * 2, [LF, ("blank-lines-before-request", b"")]
    ),
    "a mixed head behind an LF one": Typed(
        b"GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\r\nX: y\n\nGET / HTTP/1.1\n\n",
        GET + b"GET / HTTP/1.1\r\nX: y\n\nGET / HTTP/1.1\n\n",
        [LF],
    ),
    "a response behind an LF request": Typed(
        b"GET / HTTP/1.1\nHost: x\n\nHTTP/1.1 200 OK\nA: b\n\n", GET + b"HTTP/1.1 200 OK\nA: b\n\n", [LF]
    ),
    "what follows an unclear length": Typed(
        b"POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\na\nGET / HTTP/1.1\n\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na\nGET / HTTP/1.1\n\n",
        [("bare-line-feed", b"\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")],
    ),
    "obsolete fold, blank before colon, no-break space, UTF-8": Typed(
        b"GET /\xc3\xa4 HTTP/1.1\nA : b\n c\nD:\xc2\xa0e\n\n",
        b"GET /\xc3\xa4 HTTP/1.1\r\nA : b\r\n c\r\nD:\xc2\xa0e\r\n\r\n",
        [("bare-line-feed", b"\r\nA : b\r\n c\r\nD:\xc2\xa0e\r\n\r\n")],
    ),
}


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_typed_text_becomes_what_it_stands_for(typed: Typed) -> None:
    capture = read_raw(typed.data, "f")
    data = data_of(capture)

    assert data == typed.mended
    assert [(repair.rule, repair.span.of(data)) for repair in capture.repairs] == typed.repairs
    assert capture.fidelity is Fidelity.REPAIRED
    assert all(0 <= repair.span.start <= repair.span.end <= len(data) for repair in capture.repairs)


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_strict_repairs_nothing(typed: Typed) -> None:
    capture = read_raw(typed.data, "f", strict=True)

    assert data_of(capture) is typed.data
    assert (capture.repairs, capture.fidelity) == ((), Fidelity.EXACT)


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_a_repair_is_told_in_one_sentence_with_its_line(typed: Typed) -> None:
    for repair in read_raw(typed.data, "f").repairs:
        assert "line" in repair.message.lower()
        assert repair.message.endswith(".")
        assert ". " not in repair.message
        assert "\n" not in repair.message


MESSAGES = [
    (b"GET / HTTP/1.1\nHost: x\n\n", "Lines 1 to 3 ended in LF alone; each LF was made the CRLF that HTTP asks for."),
    (
        b"\n\nGET / HTTP/1.1\r\n\r\n",
        "2 blank lines before the request (lines 1 to 2) dropped, since servers may refuse them.",
    ),
    (b"\xef\xbb\xbfGET / HTTP/1.1\r\n\r\n", "The UTF-8 byte order mark on line 1 was removed."),
    (b"GET / HTTP/3\r\n\r\n", "Line 1 names HTTP/3, which has no request line; it was read as HTTP/1.1."),
    (
        b"GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1 \n\n",
        "Line 4 had 1 blank behind the version, which servers refuse; it was cut there.",
    ),
    (LENGTH_2 + b"a\n\n", "A line end behind the 2 bytes of Content-Length (line 5), as editors add one, was cut."),
    (
        rb"GET / HTTP/1.1\r\n\r\n",
        "Line 1 spelled line ends as \\r\\n or \\n; the line ends of this head were made real ones (CRLF).",
    ),
    (b"GET / HTTP/1.1", "The file ended on line 1 without the blank line that ends a head; it was added."),
]


@pytest.mark.parametrize(("data", "message"), MESSAGES)
def test_the_message_says_what_was_seen_and_what_was_made_of_it(data: bytes, message: str) -> None:
    assert message in [repair.message for repair in read_raw(data, "f").repairs]


def test_line_numbers_are_those_of_the_file_not_of_the_repaired_bytes() -> None:
    capture = read_raw(b"\n\nGET / HTTP/2\nHost: x\n\n\nGET / HTTP/2\nHost: x\n\n", "f")

    places = [repair.message.split(" ended")[0] for repair in capture.repairs if repair.rule == "bare-line-feed"]
    assert places == ["Lines 3 to 5", "Lines 7 to 9"]


@pytest.mark.parametrize("data", [LENGTH_2 + b"ab", LENGTH_2 + b"ab\n", b"GET / HTTP/1.1\nHost: x\n", *GOOD.values()])
def test_a_memory_map_is_read_like_bytes(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "request"
    path.write_bytes(data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        given_bytes = cast(bytes, mapped)
        capture = read_raw(given_bytes, "f")

        got = data_of(capture)
        assert bytes(got) == data_of(read_raw(data, "f"))
        assert (got is given_bytes) == (not capture.repairs)


def test_a_large_body_is_skipped_not_read(tmp_path: Path) -> None:
    path = tmp_path / "request"
    length = 8 << 30  # sparse: reading it would take seconds, copying it would take the memory
    with path.open("wb") as new:
        new.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)
        new.seek(length, 1)
        new.write(GET)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        given_bytes = cast(bytes, mapped)
        began = time.perf_counter()
        capture = read_raw(given_bytes, "f")

        assert time.perf_counter() - began < 1
        assert data_of(capture) is given_bytes


REPEATED = {
    "one head of many lines": lambda n: b"GET / HTTP/1.1\n" + b"A: b\n" * n + b"\n",
    "one long line": lambda n: b"GET /" + b"a" * (5 * n) + b" HTTP/1.1 \nHost: x\n\n",
    "one line without an end": lambda n: b"GET " + b" a" * (3 * n),
    "blanks": lambda n: b" " * (5 * n) + b"\n" + GET,
    "blanks inside": lambda n: b"GET / HTTP/1.1" + b" " * (5 * n) + b"x\nHost: x\n\n",
    "blank lines": lambda n: b"\n" * (5 * n) + GET,
    "escapes": lambda n: rb"GET / HTTP/1.1\r\n" + rb"A: b\r\n" * n + rb"\r\n",
    "requests": lambda n: b"GET / HTTP/1.1\n\n" * (n // 20),
    "spelled requests": lambda n: rb"GET / HTTP/1.1\n\n" * (n // 20),
    "chunks": lambda n: b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n" + b"1\nx\n" * (n // 4) + b"0\n\n",
    "lines that may be framing": lambda n: b"GET / HTTP/1.1\n" + b"upgrade: h2c\n" + b" upgrade\n" * n + b"\n",
}


@pytest.mark.parametrize("name", REPEATED)
def test_time_grows_with_the_length_and_no_faster(name: str) -> None:
    data = REPEATED[name](400_000)
    began = time.perf_counter()

    read_raw(data, "f")

    assert time.perf_counter() - began < 5  # a quadratic walk takes minutes


TOKEN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_", min_size=1, max_size=8).map(str.encode)
FIELD = st.tuples(TOKEN.map(lambda name: b"X-" + name), st.binary(max_size=12)).map(
    lambda field: field[0] + b": " + bytes(byte for byte in field[1] if 0x20 <= byte != 0x7F)
)
BODY = st.binary(max_size=30)
CHUNKS = st.lists(st.binary(min_size=1, max_size=9), max_size=4)


Pieces = list[bytes | None]  # None stands for a line end of the framing


@st.composite
def well_formed(draw: st.DrawFn) -> Pieces:
    """A request as the grammar has it, with any body."""
    line = draw(TOKEN).upper() + b" /" + draw(TOKEN) + b" HTTP/1.1"
    lines = [line, b"Host: x", *draw(st.lists(FIELD, max_size=3))]
    content: Pieces = []
    framed = draw(st.sampled_from(["none", "length", "chunked"]))
    if framed == "length":
        content = [draw(BODY)]
        lines.append(b"Content-Length: %d" % len(content[0] or b""))
    if framed == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
        for chunk in draw(CHUNKS):
            content += [b"%x" % len(chunk), None, chunk, None]
        content += [b"0", None, None]
    return [piece for line in lines for piece in (line, None)] + [None, *content]


def written(pieces: Pieces, line_end: bytes) -> bytes:
    """The request with these line ends."""
    return b"".join(line_end if piece is None else piece for piece in pieces)


@given(st.lists(well_formed(), min_size=1, max_size=4))
def test_well_formed_requests_are_never_changed(requests: list[Pieces]) -> None:
    data = b"".join(written(request, b"\r\n") for request in requests)
    capture = read_raw(data, "f")

    assert data_of(capture) is data
    assert capture.repairs == ()


@given(st.lists(well_formed(), min_size=1, max_size=4), st.sampled_from([b"", b"\n", b"\n\n"]))
def test_requests_typed_with_lf_become_the_same_with_crlf(requests: list[Pieces], between: bytes) -> None:
    typed = between.join(written(request, b"\n") for request in requests)
    capture = read_raw(typed, "f")

    assert data_of(capture) == b"".join(written(request, b"\r\n") for request in requests)
    assert rules(capture).count("bare-line-feed") == len(requests)
    assert rules(capture).count("blank-lines-before-request") == (len(requests) - 1 if between else 0)


FRAGMENTS = (
    *(b"GET / HTTP/1.1", b"POST /x HTTP/1.1", b"GET / HTTP/2", rb"GET /\n HTTP/3", b"GET", b"PRI * HTTP/2.0"),
    *(b" ", b"\t", b"\r", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", rb"\r\n", rb"\n", rb"\r\n\r\n", b"\xef\xbb\xbf"),
    *(b"Host: x", b"Content-Length: 2", b"Content-Length: 0", b"Transfer-Encoding: chunked", b"Upgrade: websocket"),
    *(b"ab", b"0", b"2", b"0\n", b"2\nab\n0\n\n", b"2\r\nab\r\n0\r\n\r\n", b"HTTP/2", b"HTTP/1.1 200 OK"),
    *(b":", b"\x00", b"\xff"),
)
MESSY = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(b"".join) | st.binary(max_size=60)


@given(MESSY)
def test_repairing_repaired_bytes_changes_nothing(data: bytes) -> None:
    first = read_raw(data, "f")
    again = read_raw(data_of(first), "f")

    assert again.repairs == ()
    assert data_of(again) is data_of(first)


@given(MESSY)
def test_bytes_and_list_of_repairs_agree(data: bytes) -> None:
    capture = read_raw(data, "f")
    mended = data_of(capture)

    assert (mended == data) == (not capture.repairs)
    assert capture.fidelity is (Fidelity.REPAIRED if capture.repairs else Fidelity.EXACT)
    assert all(0 <= repair.span.start <= repair.span.end <= len(mended) for repair in capture.repairs)
    # Nothing but line ends, marks, blanks, escapes and the version is ever taken or given.
    may_change = b"\r\n \t\\rn\xef\xbb\xbfHTP/123."
    assert mended.translate(None, may_change) == data.translate(None, may_change)


def test_the_short_way_is_taken_only_where_the_long_one_mends_nothing() -> None:
    """Each request of the table, alone and behind two others."""
    front = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2
    datas = [data for name in REQUESTS for data in (b"".join(reads(name)), front + b"".join(reads(name)))]
    sure = [data for data in datas if _as_programs_write(data)]

    for data in sure:
        text = Mending(data)
        _mend(text)
        assert text.repairs == []
    assert len(sure) > len(datas) / 4
