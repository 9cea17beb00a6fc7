"""One small request for each rule that fires it, and one near it that does not; both parsers run for real."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from asgi_inspect.faults import RULES
from asgi_inspect.findings import Severity
from asgi_inspect.servers.uvicorn import PARSERS, other_parser
from tests.test_faults_readings import faults

WAITS = "incomplete"
HOST = b"Host: e\r\n"
OK = b"GET / HTTP/1.1\r\nHost: e\r\n\r\n"


def line(text: bytes) -> bytes:
    return text + b"\r\nHost: e\r\n\r\n"


def get(fields: bytes) -> bytes:
    return b"GET / HTTP/1.1\r\n" + fields + b"\r\n"


def post(fields: bytes, body: bytes = b"hello") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: e\r\n" + fields + b"\r\n" + body


def chunks(body: bytes, fields: bytes = b"") -> bytes:
    return post(b"Transfer-Encoding: chunked\r\n" + fields, body)


PLAIN = b"5\r\nhello\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """`h11` and `httptools` are the words with which each refuses, WAITS, or empty where it takes the request.

    `under` are the bytes under the caret, `at` their line and column. `also` are the rules that
    fire with it. `severity` holds where neither refuses.
    """

    rule: str
    data: bytes
    under: bytes
    at: tuple[int, int]
    near: bytes = OK
    h11: str = ""
    httptools: str = ""
    severity: Severity = Severity.WARNING
    also: tuple[str, ...] = ()
    segments: tuple[int, ...] = field(default=())

    def said(self, parser: str) -> str:
        return self.h11 if parser == "h11" else self.httptools

    def expected(self, parser: str) -> Severity:
        """An error where the chosen parser refuses, a warning where only the other one does."""
        if self.said(parser):
            return Severity.ERROR
        return Severity.WARNING if self.said(other_parser(parser)) else self.severity


BAD_LINE = "illegal request line: bytearray("
BAD_FIELD = "illegal header line: bytearray("
NO_CHUNKS = "Only Transfer-Encoding: chunked is supported"
BAD_TE = "Request has invalid `Transfer-Encoding`"
BAD_SIZE = "Invalid character in chunk size"
BAD_CHUNK = "illegal chunk header: bytearray("
BAD_CL = "Invalid character in Content-Length"
NOTE = Severity.NOTE

REQUEST_LINE = [
    Case("blank-line-before-request", b"\r\n" + OK, b"\r\n", (1, 1), h11="no request line received"),
    Case("blank-line-before-request", b"\r" + OK, b"\r", (1, 1), h11=BAD_LINE),
    Case("blank-line-before-request", OK + b"\r\n" + OK, b"\r\n", (4, 1), OK + OK, h11="no request line received"),
    Case(
        "request-line-malformed",
        b"hello\r\n\r\n",
        b"hello",
        (1, 1),
        h11=BAD_LINE + "b'hello')",
        httptools="Invalid method encountered",
    ),
    Case("method-unknown", line(b"FOO / HTTP/1.1"), b"FOO", (1, 1), httptools="Invalid method encountered"),
    Case("method-unknown", line(b"GETX / HTTP/1.1"), b"GETX", (1, 1), httptools="Expected space after method"),
    Case("method-lower-case", line(b"get / HTTP/1.1"), b"get", (1, 1), httptools="Invalid method encountered"),
    Case(
        "method-illegal",
        line(b"G@T / HTTP/1.1"),
        b"@",
        (1, 2),
        line(b"M-SEARCH /x HTTP/1.1"),
        h11=BAD_LINE,
        httptools="Invalid method encountered",
    ),
    Case(
        "space-before-method",
        line(b" GET / HTTP/1.1"),
        b" ",
        (1, 1),
        h11=BAD_LINE,
        httptools="Invalid method encountered",
    ),
    Case(
        "tab-in-request-line",
        line(b"GET\t/ HTTP/1.1"),
        b"\t",
        (1, 4),
        h11=BAD_LINE,
        httptools="Expected space after method",
    ),
    Case(
        "tab-in-request-line",
        line(b"GET /\tHTTP/1.1"),
        b"\t",
        (1, 6),
        h11=BAD_LINE,
        httptools="Invalid characters in url",
    ),
    Case("two-spaces-in-request-line", line(b"GET  / HTTP/1.1"), b" ", (1, 5), h11=BAD_LINE),
    Case("two-spaces-in-request-line", line(b"GET /   HTTP/1.1"), b"  ", (1, 7), h11=BAD_LINE),
    Case("http-version-missing", b"GET /\r\n\r\n", b"/", (1, 5), h11=BAD_LINE + "b'GET /')"),
    Case(
        "http-version-missing",
        line(b"GET / "),
        b"/ ",
        (1, 5),
        h11=BAD_LINE,
        httptools="Expected HTTP/, RTSP/ or ICE/",
    ),
    Case(
        "http-version-lower-case",
        line(b"GET / http/1.1"),
        b"http/1.1",
        (1, 7),
        h11=BAD_LINE,
        httptools="Expected HTTP/, RTSP/ or ICE/",
    ),
    Case("http-version-malformed", line(b"GET / HTTP/2"), b"HTTP/2", (1, 7), h11=BAD_LINE, httptools="Expected dot"),
    Case(
        "http-version-malformed",
        line(b"GET / HTTP/1.10"),
        b"HTTP/1.10",
        (1, 7),
        h11=BAD_LINE,
        httptools="Expected CRLF after version",
    ),
    Case(
        "http-version-malformed",
        line(b"GET / HTTPS/1.1"),
        b"HTTPS/1.1",
        (1, 7),
        h11=BAD_LINE,
        httptools="Expected HTTP/, RTSP/ or ICE/",
    ),
    Case(
        "http-version-unsupported",
        line(b"GET / HTTP/1.2"),
        b"HTTP/1.2",
        (1, 7),
        line(b"GET / HTTP/1.0"),
        httptools="Invalid HTTP version",
    ),
    Case("http-version-unsupported", line(b"GET / HTTP/2.0"), b"HTTP/2.0", (1, 7)),
    Case("http-version-unsupported", line(b"GET / HTTP/0.9"), b"HTTP/0.9", (1, 7)),
    Case("http-version-of-another-protocol", line(b"GET / RTSP/1.0"), b"RTSP/1.0", (1, 7), h11=BAD_LINE),
    Case(
        "http-version-of-another-protocol",
        line(b"GET / ICE/1.0"),
        b"ICE/1.0",
        (1, 7),
        h11=BAD_LINE,
        httptools="Expected SOURCE method for ICE/x.x request",
    ),
    Case(
        "text-after-version",
        line(b"GET / HTTP/1.1 x"),
        b" x",
        (1, 15),
        h11=BAD_LINE,
        httptools="Expected CRLF after version",
    ),
    Case(
        "http2-preface",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HTTP/2.0",
        (1, 1),
        httptools="Pause on PRI/Upgrade",
        also=("http2-preface-continued",),
    ),
]

TARGET = [
    Case(
        "target-missing",
        line(b"GET HTTP/1.1"),
        b"HTTP/1.1",
        (1, 5),
        h11=BAD_LINE,
        httptools="Unexpected char in url schema",
    ),
    Case("target-missing", line(b"GET"), b"GET", (1, 1), h11=BAD_LINE, httptools="Expected space after method"),
    Case(
        "space-in-target",
        line(b"GET /a b HTTP/1.1"),
        b" ",
        (1, 7),
        line(b"GET /a%20b HTTP/1.1"),
        h11=BAD_LINE,
        httptools="Expected HTTP/, RTSP/ or ICE/",
    ),
    Case(
        "non-ascii-in-target",
        line(b"GET /caf\xc3\xa9 HTTP/1.1"),
        b"\xc3\xa9",
        (1, 9),
        line(b"GET /caf%C3%A9 HTTP/1.1"),
        h11=BAD_LINE,
        httptools="Invalid char in url path",
    ),
    Case(
        "control-byte-in-target",
        line(b"GET /a\x1bb HTTP/1.1"),
        b"\x1b",
        (1, 7),
        line(b"GET /a%1Bb HTTP/1.1"),
        h11=BAD_LINE,
        httptools="Invalid char in url path",
    ),
    Case(
        "control-byte-in-target",
        line(b"GET /a\tb HTTP/1.1"),
        b"\t",
        (1, 7),
        h11=BAD_LINE,
        httptools="Invalid characters in url",
    ),
    Case(
        "target-without-leading-slash",
        line(b"GET a/b HTTP/1.1"),
        b"a/b",
        (1, 5),
        line(b"GET /a/b HTTP/1.1"),
        httptools="Unexpected char in url schema",
    ),
    Case(
        "target-without-leading-slash",
        line(b"GET ?a=1 HTTP/1.1"),
        b"?a=1",
        (1, 5),
        httptools="Unexpected start char in url",
    ),
    Case("target-without-leading-slash", line(b"GET *a HTTP/1.1"), b"*a", (1, 5)),
    Case("asterisk-without-options", line(b"GET * HTTP/1.1"), b"*", (1, 5), line(b"OPTIONS * HTTP/1.1")),
    Case(
        "target-too-long",
        line(b"GET /" + b"a" * 65535 + b" HTTP/1.1"),
        b"a",
        (1, 65540),
        line(b"GET /" + b"a" * 65534 + b" HTTP/1.1"),
        h11="",
        httptools="url is too long",
        also=("head-too-large",),
    ),
    Case("connect-request", line(b"CONNECT e:443 HTTP/1.1"), b"e:443", (1, 9), httptools="invalid url b'e:443'"),
    Case("connect-request", line(b"CONNECT / HTTP/1.1"), b"/", (1, 9)),
    Case(
        "absolute-form-without-path",
        line(b"GET http://e HTTP/1.1"),
        b"http://e",
        (1, 5),
        line(b"GET http://e/ HTTP/1.1"),
        httptools="'NoneType' object has no attribute 'decode'",
    ),
    Case(
        "absolute-form-invalid",
        line(b"GET http://e:99999/ HTTP/1.1"),
        b"http://e:99999/",
        (1, 5),
        line(b"GET http://e:9999/ HTTP/1.1"),
        httptools="invalid url",
    ),
    Case("absolute-form-target", line(b"GET http://e/a?b HTTP/1.1"), b"http://e/a?b", (1, 5), line(b"GET /a HTTP/1.1")),
    Case("fragment-in-target", line(b"GET /f#g HTTP/1.1"), b"#g", (1, 7), line(b"GET /f%23g HTTP/1.1")),
    Case("fragment-in-target", line(b"GET /f#g?x HTTP/1.1"), b"#g?x", (1, 7)),
]

FIELDS = [
    Case("bare-lf", get(b"X: a\n" + HOST), b"\n", (2, 5), httptools="Missing expected CR after header value"),
    Case("bare-lf", b"GET / HTTP/1.1\nHost: e\r\n\r\n", b"\n", (1, 15), httptools="Expected CRLF after version"),
    Case("bare-lf", b"GET / HTTP/1.1\r\nHost: e\r\n\n", b"\n", (3, 1), httptools="Invalid header field char"),
    Case("bare-lf", chunks(b"0\r\n\n"), b"\n", (6, 1), chunks(b"0\r\n\r\n"), httptools="Invalid header field char"),
    Case(
        "bare-cr",
        get(b"X: a\rb\r\n" + HOST),
        b"\r",
        (2, 5),
        h11=BAD_FIELD,
        httptools="Missing expected LF after header value",
    ),
    Case(
        "bare-cr",
        b"GET / HTTP/1.1\r\r\nHost: e\r\n\r\n",
        b"\r",
        (1, 15),
        h11=BAD_LINE,
        httptools="Expected CRLF after version",
    ),
    Case(
        "obsolete-line-folding",
        get(HOST + b"X: a\r\n\tb\r\n"),
        b"\t",
        (4, 1),
        get(HOST + b"X: a\tb\r\n"),
        httptools="Unexpected whitespace after header value",
    ),
    Case(
        "obsolete-line-folding",
        get(HOST + b"X:\r\n  b\r\n"),
        b"  ",
        (4, 1),
        httptools="Invalid header value char",
    ),
    Case(
        "whitespace-before-first-field",
        get(b" X: 1\r\n" + HOST),
        b" ",
        (2, 1),
        h11="continuation line at start of headers",
        httptools="Unexpected space after start line",
    ),
    Case(
        "space-before-colon",
        get(HOST + b"X : 1\r\n"),
        b" ",
        (3, 2),
        get(HOST + b"X:  1\r\n"),
        h11=BAD_FIELD + "b'X : 1')",
        httptools="Invalid header token",
    ),
    Case(
        "space-before-colon",
        post(b"Content-Length : 5\r\n"),
        b" ",
        (3, 15),
        h11=BAD_FIELD,
        httptools="Invalid header field char",
    ),
    Case(
        "field-without-colon",
        get(HOST + b"Xy\r\n"),
        b"Xy",
        (3, 1),
        get(HOST + b"Xy:\r\n"),
        h11=BAD_FIELD,
        httptools="Invalid header token",
    ),
    Case(
        "field-name-empty",
        get(HOST + b": v\r\n"),
        b":",
        (3, 1),
        get(HOST + b"x: v\r\n"),
        h11=BAD_FIELD,
        httptools="Invalid header token",
    ),
    Case(
        "field-name-illegal",
        get(HOST + b"X(Y): 1\r\n"),
        b"(",
        (3, 2),
        get(HOST + b"X-Y_~!: 1\r\n"),
        h11=BAD_FIELD,
        httptools="Invalid header token",
    ),
    Case(
        "nul-in-value",
        get(HOST + b"X: a\0b\r\n"),
        b"\0",
        (3, 5),
        h11=BAD_FIELD,
        httptools="Invalid header value char",
    ),
    Case(
        "control-byte-in-value",
        get(HOST + b"X: a\x1bb\r\n"),
        b"\x1b",
        (3, 5),
        get(HOST + b"X: a\tb\xff\r\n"),
        httptools="Invalid header value char",
    ),
    Case(
        "control-byte-in-value",
        get(HOST + b"X: a\x0bb\r\n"),
        b"\x0b",
        (3, 5),
        h11=BAD_FIELD,
        httptools="Invalid header value char",
    ),
    Case(
        "control-byte-in-value",
        chunks(b"0\r\nX: \x01\r\n\r\n"),
        b"\x01",
        (6, 4),
        httptools="Invalid header value char",
        also=("trailer-fields",),
    ),
    Case(
        "host-missing",
        get(b"X: 1\r\n"),
        b"GET / HTTP/1.1",
        (1, 1),
        b"GET / HTTP/1.0\r\n\r\n",
        h11="Missing mandatory Host: header",
    ),
    Case("host-repeated", get(b"Host: a\r\nhost: b\r\n"), b"host: b", (3, 1), h11="Found multiple Host: headers"),
    Case("host-empty", get(b"Host:\r\n"), b"Host", (2, 1)),
    Case("host-invalid", get(b"Host: a b\r\n"), b"a b", (2, 7), get(b"Host: [::1]:80\r\n")),
]

CONTENT_LENGTH = [
    Case(
        "content-length-conflicting",
        post(b"Content-Length: 5\r\nContent-Length: 6\r\n"),
        b"6",
        (4, 17),
        h11="conflicting Content-Length headers",
        httptools="Duplicate Content-Length",
    ),
    Case(
        "content-length-conflicting",
        post(b"Content-Length: 5, 6\r\n"),
        b"5, 6",
        (3, 17),
        post(b"Content-Length: 5, 5\r\n"),
        h11="conflicting Content-Length headers",
        httptools=BAD_CL,
    ),
    Case(
        "content-length-repeated",
        post(b"Content-Length: 5\r\nContent-Length: 5\r\n"),
        b"Content-Length: 5",
        (4, 1),
        post(b"Content-Length: 5\r\n"),
        httptools="Duplicate Content-Length",
    ),
    Case("content-length-list", post(b"Content-Length: 5, 5\r\n"), b", 5", (3, 18), httptools=BAD_CL),
    Case(
        "content-length-signed",
        post(b"Content-Length: +5\r\n"),
        b"+",
        (3, 17),
        h11="bad Content-Length",
        httptools=BAD_CL,
    ),
    Case(
        "content-length-hex",
        post(b"Content-Length: 0x5\r\n"),
        b"0x5",
        (3, 17),
        post(b"Content-Length: 05\r\n"),
        h11="bad Content-Length",
        httptools=BAD_CL,
    ),
    Case(
        "content-length-not-a-number",
        post(b"Content-Length: 5a\r\n"),
        b"a",
        (3, 18),
        post(b"Content-Length: 5  \r\n"),
        h11="bad Content-Length",
        httptools=BAD_CL,
    ),
    Case(
        "content-length-not-a-number",
        post(b"Content-Length: 5\x01\r\n"),
        b"\x01",
        (3, 18),
        h11="bad Content-Length",
        httptools=BAD_CL,
        also=("control-byte-in-value",),
    ),
    Case(
        "content-length-empty",
        post(b"Content-Length:\r\n"),
        b"Content-Length",
        (3, 1),
        h11="bad Content-Length",
        httptools="Empty Content-Length",
    ),
    Case(
        "content-length-too-big",
        post(b"Content-Length: 18446744073709551616\r\n"),
        b"18446744073709551616",
        (3, 17),
        post(b"Content-Length: 18446744073709551615\r\n"),
        httptools="Content-Length overflow",
        also=("body-incomplete",),
    ),
    Case(
        "content-length-too-big",
        post(b"Content-Length: 000000000000000000005\r\n"),
        b"000000000000000000005",
        (3, 17),
        post(b"Content-Length: 00000000000000000005\r\n"),
        h11="bad Content-Length",
    ),
    Case(
        "content-length-with-transfer-encoding",
        chunks(PLAIN, b"Content-Length: 5\r\n"),
        b"Content-Length: 5",
        (4, 1),
        chunks(PLAIN),
        httptools="Content-Length can't be present with Transfer-Encoding",
    ),
    Case(
        "content-length-with-transfer-encoding",
        post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", PLAIN),
        b"Transfer-Encoding: chunked",
        (4, 1),
        httptools="Transfer-Encoding can't be present with Content-Length",
    ),
]

TRANSFER_ENCODING = [
    Case(
        "transfer-encoding-not-chunked",
        post(b"Transfer-Encoding: gzip\r\n", PLAIN),
        b"gzip",
        (3, 20),
        post(b"Transfer-Encoding: CHUNKED\r\n", PLAIN),
        h11=NO_CHUNKS,
        httptools=BAD_TE,
    ),
    Case(
        "transfer-encoding-before-chunked",
        post(b"Transfer-Encoding: gzip, chunked\r\n", PLAIN),
        b"gzip",
        (3, 20),
        chunks(PLAIN),
        h11=NO_CHUNKS,
    ),
    Case(
        "transfer-encoding-after-chunked",
        post(b"Transfer-Encoding: chunked, gzip\r\n", PLAIN),
        b", gzip",
        (3, 27),
        h11=NO_CHUNKS,
        httptools="Invalid `Transfer-Encoding` header value",
    ),
    Case(
        "transfer-encoding-empty",
        post(b"Transfer-Encoding:\r\n", PLAIN),
        b"Transfer-Encoding",
        (3, 1),
        h11=NO_CHUNKS,
        httptools="Empty Transfer-Encoding",
    ),
    Case(
        "transfer-encoding-repeated",
        chunks(PLAIN, b"Transfer-Encoding: chunked\r\n"),
        b"Transfer-Encoding: chunked",
        (4, 1),
        chunks(PLAIN),
        h11="multiple Transfer-Encoding headers",
        httptools="Invalid `Transfer-Encoding` header value",
    ),
    Case(
        "transfer-encoding-trailing-tab",
        post(b"Transfer-Encoding: chunked\t\r\n", PLAIN),
        b"\t",
        (3, 27),
        post(b"Transfer-Encoding: chunked \r\n", PLAIN),
        httptools=BAD_TE,
    ),
    Case(
        "transfer-encoding-in-http10",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + PLAIN,
        b"Transfer-Encoding: chunked",
        (2, 1),
        chunks(PLAIN),
    ),
]

CHUNKS = [
    Case("chunk-size-invalid", chunks(b"xyz\r\n"), b"x", (5, 1), h11=BAD_CHUNK + "b'xyz", httptools=BAD_SIZE),
    Case("chunk-size-invalid", chunks(b"0x5\r\nhello\r\n0\r\n\r\n"), b"x", (5, 2), h11=BAD_CHUNK, httptools=BAD_SIZE),
    Case("chunk-size-invalid", chunks(b"5\r\nhello\r\n\r\n"), b"\r", (7, 1), h11=BAD_CHUNK, httptools=BAD_SIZE),
    Case("chunk-size-whitespace", chunks(b"5 \r\nhello\r\n0\r\n\r\n"), b" ", (5, 2), httptools=BAD_SIZE),
    Case("chunk-size-whitespace", chunks(b" 5\r\nhello\r\n0\r\n\r\n"), b" ", (5, 1), h11=BAD_CHUNK, httptools=BAD_SIZE),
    Case(
        "chunk-size-too-big",
        chunks(b"10000000000000000\r\nhello"),
        b"10000000000000000",
        (5, 1),
        chunks(b"ffffffffffffffff\r\nhello"),
        httptools="Chunk size overflow",
        also=("chunked-body-incomplete",),
    ),
    Case(
        "chunk-size-too-big",
        chunks(b"000000000000000000005\r\nhello\r\n0\r\n\r\n"),
        b"000000000000000000005",
        (5, 1),
        chunks(b"00000000000000000005\r\nhello\r\n0\r\n\r\n"),
        h11=BAD_CHUNK,
    ),
    Case(
        "chunk-bare-lf",
        chunks(b"5\nhello\r\n0\r\n\r\n"),
        b"\n",
        (5, 2),
        h11=BAD_CHUNK,
        httptools="Missing expected CR after chunk size",
    ),
    Case(
        "chunk-bare-lf",
        chunks(b"5\r\nhello\n0\r\n\r\n"),
        b"\n",
        (6, 6),
        h11="malformed chunk footer",
        httptools="Missing expected CR after chunk data",
    ),
    Case(
        "chunk-bare-cr",
        chunks(b"5;a\rX\r\nhello\r\n0\r\n\r\n"),
        b"\r",
        (5, 4),
        httptools="Expected LF after chunk size",
    ),
    Case(
        "chunk-bare-cr",
        chunks(b"5\rhello\r\n0\r\n\r\n"),
        b"\r",
        (5, 2),
        h11=BAD_CHUNK,
        httptools="Expected LF after chunk size",
    ),
    Case(
        "chunk-extension", chunks(b'5;a="b;"\r\nhello\r\n0\r\n\r\n'), b';a="b;"', (5, 2), chunks(PLAIN), severity=NOTE
    ),
    Case(
        "chunk-extension-malformed",
        chunks(b"5;\r\nhello\r\n0\r\n\r\n"),
        b";",
        (5, 2),
        chunks(b"5;a\r\nhello\r\n0\r\n\r\n"),
        httptools="Invalid character in chunk extensions",
    ),
    Case("chunk-extension-malformed", chunks(b"5;a=\r\nhello\r\n0\r\n\r\n"), b";a=", (5, 2)),
    Case(
        "chunk-data-unterminated",
        chunks(b"4\r\nhello\r\n0\r\n\r\n"),
        b"o\r",
        (6, 5),
        chunks(PLAIN),
        h11="malformed chunk footer: bytearray(b'o\\r')",
        httptools="Expected LF after chunk data",
    ),
    Case(
        "trailer-forbidden",
        chunks(b"0\r\nContent-Length: 5\r\n\r\n"),
        b"Content-Length",
        (6, 1),
        chunks(b"0\r\nDigest: x\r\n\r\n"),
        httptools="Content-Length can't be present with Transfer-Encoding",
    ),
    Case(
        "trailer-forbidden",
        chunks(b"0\r\nTransfer-Encoding: x\r\n\r\n"),
        b"Transfer-Encoding",
        (6, 1),
        h11=NO_CHUNKS,
        httptools="Invalid `Transfer-Encoding` header value",
    ),
    Case("trailer-forbidden", chunks(b"0\r\nHost: x\r\n\r\n"), b"Host", (6, 1)),
    Case("trailer-fields", chunks(b"0\r\nX: 1\r\n\r\n"), b"X: 1", (6, 1), chunks(b"0\r\n\r\n"), severity=NOTE),
]

EXPECT_AND_UPGRADE = [
    Case("expect-unknown", post(b"Content-Length: 5\r\nExpect: 200-ok\r\n"), b"200-ok", (4, 9)),
    Case("expect-unknown", post(b"Content-Length: 5\r\nExpect: 100-continue, x\r\n"), b"100-continue, x", (4, 9)),
    Case(
        "expect-trailing-space",
        post(b"Content-Length: 5\r\nExpect: 100-continue \r\n"),
        b" ",
        (4, 21),
        post(b"Content-Length: 5\r\nExpect: 100-continue\r\n"),
    ),
    Case(
        "expect-in-http10",
        b"POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        b"Expect: 100-continue",
        (3, 1),
        post(b"Content-Length: 5\r\nExpect: 100-Continue\r\n"),
    ),
    Case(
        "upgrade-with-body",
        post(b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n"),
        b"Upgrade: h2c",
        (4, 1),
        post(b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n", b""),
    ),
    Case(
        "bytes-behind-upgrade",
        get(HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n") + OK,
        b"GET / HTTP/1.1\r\n",
        (6, 1),
        get(HOST + b"Upgrade: h2c\r\n") + OK,
    ),
    Case(
        "upgrade-to-h2c",
        get(HOST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"),
        b"Upgrade: h2c",
        (4, 1),
        get(HOST + b"Connection: Upgrade\r\nUpgrade: foo\r\n"),
        severity=NOTE,
    ),
]

ENDS = [
    Case("head-incomplete", b"GET / HTTP/1.1\r\nHos", b"Hos", (2, 1), h11=WAITS, httptools=WAITS),
    Case("head-incomplete", b"GET / HTTP/1.1\r\n" + HOST, b"Host: e", (2, 1), h11=WAITS, httptools=WAITS),
    Case(
        "head-too-large",
        get(HOST + b"X: " + b"a" * 20000 + b"\r\n"),
        b"a",
        (3, 16360),
        get(HOST + b"X: " + b"a" * 20000 + b"\r\n"),
        h11="Receive buffer too long",
        segments=(19000, 1032),
    ),
    Case(
        "chunk-line-too-long",
        chunks(b"5;" + b"a" * 20000 + b"\r\nhello\r\n0\r\n\r\n"),
        b"5",
        (5, 1),
        chunks(b"5;" + b"a" * 20000 + b"\r\nhello\r\n0\r\n\r\n"),
        h11="Receive buffer too long",
        also=("chunk-extension",),
        segments=(19000, 1074),
    ),
    Case(
        "body-incomplete",
        post(b"Content-Length: 46\r\n", b""),
        b"46",
        (3, 17),
        post(b"Content-Length: 5\r\n"),
        h11=WAITS,
        httptools=WAITS,
    ),
    Case(
        "chunked-body-incomplete",
        chunks(b"5\r\nhe"),
        b"5",
        (5, 1),
        chunks(PLAIN),
        h11=WAITS,
        httptools=WAITS,
    ),
    Case("chunked-body-incomplete", chunks(b"5\r\nhello\r\n"), b"5", (5, 1), h11=WAITS, httptools=WAITS),
    Case("chunked-body-incomplete", chunks(b"5\r\nhello\r\n0\r\n"), b"0", (7, 1), h11=WAITS, httptools=WAITS),
    Case("chunked-body-incomplete", chunks(b""), b"chunked", (3, 20), h11=WAITS, httptools=WAITS),
    Case(
        "bytes-after-body",
        chunks(PLAIN) + b"hello\r\n\r\n",
        b"hello",
        (9, 1),
        chunks(PLAIN) + OK,
        h11=BAD_LINE + "b'hello')",
        httptools="Invalid method encountered",
    ),
    Case(
        "body-without-length",
        post(b"", b'{"a": 1}\r\n\r\n'),
        b'{"a": 1}',
        (4, 1),
        post(b"Content-Length: 8\r\n", b'{"a": 1}'),
        also=("bytes-after-body",),
    ),
    Case(
        "content-length-too-short",
        post(b"Content-Length: 3\r\n", b"hello\r\n\r\n"),
        b"lo",
        (5, 4),
        post(b"Content-Length: 5\r\n", b"hello"),
        also=("bytes-after-body",),
    ),
    Case(
        "bytes-never-read",
        get(HOST + b"Connection: close\r\n") + OK,
        b"GET / HTTP/1.1",
        (5, 1),
        get(HOST + b"Connection: close\r\n"),
    ),
    Case("bytes-never-read", b"POST / HTTP/1.0\r\n\r\nhello", b"hello", (3, 1)),
]

CASES = [*REQUEST_LINE, *TARGET, *FIELDS, *CONTENT_LENGTH, *TRANSFER_ENCODING, *CHUNKS, *EXPECT_AND_UPGRADE, *ENDS]
CASE_IDS = [f"{number}-{case.rule}" for number, case in enumerate(CASES)]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("case", CASES, ids=CASE_IDS)
def test_a_rule_fires_on_its_bytes_and_says_what_the_parsers_said(case: Case, parser: str) -> None:
    found = faults(case.data, parser, case.segments)
    (finding,) = [finding for finding in found if finding.rule == case.rule]
    assert finding.span is not None
    notes = "\n".join(finding.notes)

    assert {finding.rule for finding in found} <= {case.rule, *case.also}
    assert (finding.span.of(case.data), (finding.line, finding.column)) == (case.under, case.at)
    assert finding.severity == case.expected(parser)
    for name in PARSERS:
        said = case.said(name)
        if said and said != WAITS:
            assert f'{name}: "{said}' in notes
            assert f"uvicorn with {name}" in notes
        elif said == WAITS:
            assert f"{name} waits for the rest" in notes
        elif not case.also:
            assert f"{name} takes it" in notes


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("case", CASES, ids=CASE_IDS)
def test_a_rule_does_not_fire_on_what_is_near(case: Case, parser: str) -> None:
    assert case.rule not in {finding.rule for finding in faults(case.near, parser)}


def test_every_rule_has_a_case() -> None:
    elsewhere = {"malformed-request", "line-ends-after-body", "http2-preface-continued"}  # test_faults.py

    assert {case.rule for case in CASES} | elsewhere == {rule.id for rule in RULES}
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_what_a_rule_knows_of_a_parser_was_seen(rule: object) -> None:
    """A pattern for a parser's words has a case in which it refuses, and no pattern means that none is known."""
    (known,) = [each for each in RULES if each is rule]
    cases = [case for case in CASES if case.rule == known.id]

    for parser in PARSERS if cases else ():
        refused = [case for case in cases if case.said(parser) not in ("", WAITS)]

        assert bool(refused) == (known.words(parser) is not None)
