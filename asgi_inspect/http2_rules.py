"""The rules of HTTP/2 by the names of their findings: what is wrong, the clause of RFC 9113, and what to do."""

from __future__ import annotations

from typing import NamedTuple

from .findings import Severity


class Http2Rule(NamedTuple):
    """One named fault of a client's frames or fields, or of what a server makes of good ones."""

    id: str
    severity: Severity
    summary: str
    spec: str
    help: str


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_SMALLER = "send less: a client learns of this limit from the server's SETTINGS"

_CONNECTION = (
    Http2Rule(
        "http2-settings-not-first",
        _ERROR,
        "another frame before SETTINGS",
        "RFC 9113 §3.4: the preface ends with a SETTINGS frame",
        "send SETTINGS, empty if need be, right behind the 24 octets of the preface",
    ),
    Http2Rule(
        "http2-frame-too-large",
        _ERROR,
        "a frame over SETTINGS_MAX_FRAME_SIZE",
        "RFC 9113 §4.2",
        "split what is over 16384 octets; or are these bytes no frame at all?",
    ),
    Http2Rule(
        "http2-frame-length-wrong",
        _ERROR,
        "a frame whose length its type does not allow",
        "RFC 9113 §4.2",
        "the length counts the payload alone, without the 9 octets of the header",
    ),
    Http2Rule(
        "http2-padding-too-long",
        _ERROR,
        "padding that is longer than its frame",
        "RFC 9113 §6.1",
        "the first octet of a padded payload says how many octets at its end are none of the content",
    ),
    Http2Rule(
        "http2-frame-on-wrong-stream",
        _ERROR,
        "a frame of the connection on a stream, or one of a stream on none",
        "RFC 9113 §6",
        "SETTINGS, PING and GOAWAY stand on stream 0; DATA, HEADERS and RST_STREAM on one of their own",
    ),
    Http2Rule(
        "http2-stream-number-invalid",
        _ERROR,
        "a client's stream with an even number",
        "RFC 9113 §5.1.1: streams of a client have odd numbers",
        "count 1, 3, 5, ...",
    ),
    Http2Rule(
        "http2-stream-idle",
        _ERROR,
        "a frame on a stream that was never opened",
        "RFC 9113 §5.1: HEADERS and PRIORITY alone may come on an idle stream",
        "open the stream with HEADERS; or does the capture begin in the middle of a connection?",
    ),
    Http2Rule(
        "http2-stream-ended",
        _ERROR,
        "a frame behind the end of its stream",
        "RFC 9113 §5.1: what follows END_STREAM or RST_STREAM is STREAM_CLOSED",
        "set END_STREAM on the last frame alone, and never use a stream's number again",
    ),
    Http2Rule(
        "http2-field-block-interrupted",
        _ERROR,
        "another frame inside a field block",
        "RFC 9113 §4.3: nothing may stand between HEADERS and its CONTINUATION frames",
        "send CONTINUATION right behind, or set END_HEADERS",
    ),
    Http2Rule(
        "http2-continuation-of-nothing",
        _ERROR,
        "CONTINUATION without an open field block",
        "RFC 9113 §6.10",
        "leave END_HEADERS out of the HEADERS that it goes on with",
    ),
    Http2Rule(
        "http2-continuation-flood",
        _ERROR,
        "more CONTINUATION frames than the server takes",
        "RFC 9113 §10.5.1",
        "fill each frame before the next is begun",
    ),
    Http2Rule("http2-field-block-too-large", _ERROR, "more fields than the server takes", "RFC 9113 §10.5.1", _SMALLER),
    Http2Rule(
        "http2-hpack-broken",
        _ERROR,
        "a field block that HPACK cannot read",
        "RFC 9113 §4.3: COMPRESSION_ERROR, and the connection is lost",
        "is it cut, or made with another connection's table? A capture has to hold the connection's beginning",
    ),
    Http2Rule(
        "http2-push-by-client",
        _ERROR,
        "PUSH_PROMISE of a client",
        "RFC 9113 §8.4: a client cannot push",
        "leave it out",
    ),
    Http2Rule(
        "http2-setting-invalid",
        _ERROR,
        "a setting with a value that it may not have",
        "RFC 9113 §6.5.2",
        "leave out what need not differ from the initial value",
    ),
    Http2Rule(
        "http2-window-increment-zero",
        _ERROR,
        "a WINDOW_UPDATE that adds nothing",
        "RFC 9113 §6.9",
        "send none where there is nothing to add",
    ),
    Http2Rule(
        "http2-window-overflow",
        _ERROR,
        "a window over 2147483647 octets",
        "RFC 9113 §6.9.1",
        "grant what was read, not all there is to give",
    ),
    Http2Rule(
        "http2-too-many-streams", _ERROR, "more streams than one connection may have", "RFC 9113 §10.5", "open another"
    ),
    Http2Rule(
        "http2-too-many-resets",
        _ERROR,
        "more streams reset than the server takes (rapid reset, CVE-2023-44487)",
        "RFC 9113 §10.5",
        "cancel fewer requests",
    ),
    Http2Rule(
        "http2-stream-refused",
        _ERROR,
        "more streams at once than SETTINGS_MAX_CONCURRENT_STREAMS",
        "RFC 9113 §5.1.2",
        "wait for an answer before the next is opened; a refused request may be sent again",
    ),
)
_REQUEST = (
    Http2Rule(
        "http2-field-name-upper-case",
        _ERROR,
        "a field name with capitals",
        "RFC 9113 §8.2: names are in lower case before they are encoded",
        "send it in lower case",
    ),
    Http2Rule(
        "http2-field-name-invalid",
        _ERROR,
        "a field name that is no token",
        "RFC 9113 §8.2.1",
        "letters in lower case, digits and !#$%&'*+-.^_`|~",
    ),
    Http2Rule(
        "http2-field-value-invalid",
        _ERROR,
        "a value with control characters, or white space around it",
        "RFC 9113 §8.2.1",
        "strip the value; a line end in it becomes another field behind a proxy that speaks HTTP/1",
    ),
    Http2Rule(
        "http2-connection-field",
        _ERROR,
        "a field about a connection of HTTP/1",
        "RFC 9113 §8.2.2",
        "leave out connection, keep-alive, proxy-connection, transfer-encoding and upgrade",
    ),
    Http2Rule(
        "http2-te-not-trailers",
        _ERROR,
        "te with another value than trailers",
        "RFC 9113 §8.2.2",
        "te: trailers, or none",
    ),
    Http2Rule(
        "http2-pseudo-header-missing",
        _ERROR,
        "a request without :method, :scheme or :path",
        "RFC 9113 §8.3.1",
        "send each once, and before all other fields",
    ),
    Http2Rule(
        "http2-pseudo-header-empty", _ERROR, "an empty :path or :scheme", "RFC 9113 §8.3.1", "the shortest path is /"
    ),
    Http2Rule(
        "http2-pseudo-header-invalid",
        _ERROR,
        "a :method that is no token",
        "RFC 9110 §9.1",
        "GET, POST and their like",
    ),
    Http2Rule(
        "http2-pseudo-header-repeated", _ERROR, "a pseudo-header field twice", "RFC 9113 §8.3.1", "send each once"
    ),
    Http2Rule(
        "http2-pseudo-header-unknown",
        _ERROR,
        "a pseudo-header field that is none of a request's",
        "RFC 9113 §8.3: no others may be made up",
        ":method, :scheme, :authority and :path; :protocol with CONNECT alone (RFC 8441)",
    ),
    Http2Rule(
        "http2-pseudo-header-late",
        _ERROR,
        "a pseudo-header field behind another field",
        "RFC 9113 §8.3: they come before all others",
        "send it first",
    ),
    Http2Rule(
        "http2-pseudo-header-in-trailers",
        _ERROR,
        "a pseudo-header field in the trailers",
        "RFC 9113 §8.1",
        "leave it out",
    ),
    Http2Rule(
        "http2-trailer-forbidden",
        _ERROR,
        "a field in the trailers that may not stand there",
        "RFC 9110 §6.5.1",
        "send it with the head",
    ),
    Http2Rule(
        "http2-trailers-not-last",
        _ERROR,
        "a second field block that does not end the stream",
        "RFC 9113 §8.1",
        "set END_STREAM on the trailers",
    ),
    Http2Rule(
        "http2-host-differs",
        _ERROR,
        "Host and :authority name different hosts",
        "RFC 9113 §8.3.1",
        "send :authority alone",
    ),
    Http2Rule(
        "http2-connect", _ERROR, "a CONNECT request", "RFC 9113 §8.5", "ask a proxy for tunnels, not an application"
    ),
    Http2Rule(
        "http2-content-length-invalid",
        _ERROR,
        "a content-length that is no number, or two that differ",
        "RFC 9110 §8.6",
        "send one, in digits, or none: HTTP/2 needs none",
    ),
    Http2Rule(
        "http2-content-length-mismatch",
        _ERROR,
        "more or less content than content-length says",
        "RFC 9113 §8.1.1: such a request is malformed",
        "send what it says, or leave it out: HTTP/2 needs none",
    ),
)
_SERVER = (
    Http2Rule(
        "http2-path-not-ascii",
        _ERROR,
        "a :path that is not ASCII",
        "RFC 9113 §8.3.1: the path of RFC 3986, which is ASCII",
        "write other characters as %XX",
    ),
    Http2Rule(
        "http2-request-behind-goaway",
        _WARNING,
        "a request behind the client's own GOAWAY",
        "RFC 9113 §6.8",
        "say GOAWAY behind the last request",
    ),
    Http2Rule(
        "http2-answer-lost",
        _WARNING,
        "a call whose answer never leaves, for a fault behind it ends the connection",
        "RFC 9113 §5.4.1",
        "the client cannot know that this request was carried out; it must not be repeated blindly",
    ),
    Http2Rule(
        "http2-frame-incomplete",
        _WARNING,
        "a capture that ends inside a frame",
        "RFC 9113 §4.1",
        "capture the whole connection",
    ),
    Http2Rule(
        "http2-request-never-ends",
        _NOTE,
        "a request without content, which uvicorn never ends for its application",
        "ASGI HTTP, Request: more_body is false where no content follows",
        "answer such requests without receive(), or serve HTTP/2 with another server until this is mended",
    ),
    Http2Rule(
        "http2-expect-unanswered",
        _WARNING,
        "Expect: 100-continue, which nobody answers over HTTP/2",
        "RFC 9110 §10.1.1: a client need not wait, but many do",
        "send the content without waiting: HTTP/2 has RST_STREAM to refuse it",
    ),
    Http2Rule(
        "http2-trailers-lost",
        _NOTE,
        "trailers of a request, which no application gets",
        "ASGI HTTP has no trailers of a request",
        "send what the application needs with the head",
    ),
    Http2Rule(
        "http2-window-exhausted",
        _NOTE,
        "a response that is longer than the client's windows",
        "RFC 9113 §6.9",
        "capture the client's WINDOW_UPDATE frames too",
    ),
)
HTTP2_RULES = (*_CONNECTION, *_REQUEST, *_SERVER)
BY_ID = {rule.id: rule for rule in HTTP2_RULES}
