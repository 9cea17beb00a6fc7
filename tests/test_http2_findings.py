"""Each rule of HTTP/2 fires on its frames, at its bytes, with what uvicorn does about it; none on good ones."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest

import asgi_inspect
from asgi_inspect import Exchange, Finding, Inspection, Outcome, Severity, Verdict
from asgi_inspect.events import PREFACE
from asgi_inspect.http2_rules import HTTP2_RULES
from asgi_inspect.servers.http2_frames import frame_bytes
from tests.apps.over_http2 import app
from tests.http2_cases import BROKEN, CASES, CLIENT_LEAVES, MALFORMED, REQUESTS
from tests.http2_frames import GET, OPENING, POST, data, headers, settings, window_update, with_path

ALL = {
    **CASES,
    "settings not first": b"",
    "not ASCII": headers(with_path(b"/\xff")),
    "answer lost": headers(POST, end=False) + data(b"x") + data(b"x", stream=0),
    "too many streams": window_update(1 << 30)
    + b"".join(headers(POST, stream=2 * n + 1, end=False) + data(b"", stream=2 * n + 1) for n in range(4097)),
    "incomplete": headers(POST, end=False) + data(b"hello")[:-2],
    "narrow": settings((4, 10)) + headers(with_path(b"/large")),
}


class Fires(NamedTuple):
    """A rule, the case, the bytes under the caret and a part of what is said."""

    rule: str
    case: str
    under: bytes
    told: str


TABLE = [
    Fires("http2-settings-not-first", "settings not first", b"\0\0\x08\x06", "GOAWAY with PROTOCOL_ERROR"),
    Fires("http2-frame-too-large", "a frame too large", b"\x00\x40\x01", "16385 octets"),
    Fires("http2-frame-length-wrong", "a ping of seven", b"\0\0\x07\x06", "7 octets, not 8"),
    Fires("http2-frame-length-wrong", "settings of five", b"\0\0\x05\x04", "not a multiple of 6"),
    Fires("http2-frame-length-wrong", "goaway too short", b"\0\0\x07\x07", "not at least 8"),
    Fires("http2-frame-length-wrong", "padded and empty", b"\0\0\0\0\x08", "without its pad length"),
    Fires("http2-frame-length-wrong", "a priority too short", b"\0\0\x02\x01", "too short for its priority"),
    Fires("http2-padding-too-long", "padding longer than the frame", b"\0\0\x04\0", "5 octets of padding"),
    Fires("http2-frame-on-wrong-stream", "settings on a stream", b"\0\0\0\x04\0\0\0\0\x01", "on stream 1"),
    Fires("http2-frame-on-wrong-stream", "data on stream 0", b"\0\0\x01\0", "stands on stream 0"),
    Fires("http2-stream-number-invalid", "an even stream", b"\0\0", "stream 2 has an even number"),
    Fires("http2-stream-idle", "reset of an idle stream", b"\0\0\x04\x03", "which no HEADERS opened"),
    Fires("http2-stream-ended", "headers twice", b"\0\0", "HEADERS on stream 1, which has ended"),
    Fires("http2-stream-ended", "a lower stream", b"\0\0", "behind stream 5"),
    Fires("http2-stream-ended", "content after the end", b"\0\0\x01\0", "STREAM_CLOSED"),
    Fires("http2-field-block-interrupted", "a ping inside a block", b"\0\0\x08\x06", "inside a field block"),
    Fires("http2-continuation-of-nothing", "continuation of nothing", b"\0\0\0\x09", "no open field block"),
    Fires("http2-continuation-flood", "a flood of continuations", b"\0\0\0\x09", "ENHANCE_YOUR_CALM"),
    Fires("http2-field-block-too-large", "a block too large", b"\0", "65536 is the most"),
    Fires("http2-field-block-too-large", "a list too large", b"\0", "ENHANCE_YOUR_CALM"),
    Fires("http2-hpack-broken", "hpack index of nothing", b"\xff\x20", "COMPRESSION_ERROR"),
    Fires("http2-hpack-broken", "hpack cut", b"\xff\xff", "ends inside a number"),
    Fires("http2-push-by-client", "a push by the client", b"\0\0\x04\x05", "PUSH_PROMISE"),
    Fires("http2-setting-invalid", "a window setting too large", b"\0\0\x06\x04", "FLOW_CONTROL_ERROR"),
    Fires("http2-window-increment-zero", "window of nothing", b"\0\0\x04\x08", "adds nothing to the connection"),
    Fires("http2-window-increment-zero", "a window of nothing", b"\0\0\x04\x08", "adds nothing to stream 1"),
    Fires("http2-window-overflow", "window too wide", b"\0\0\x04\x08", "beyond 2147483647"),
    Fires("http2-too-many-streams", "too many streams", b"\0\0", "4096"),
    Fires("http2-too-many-resets", "too many resets", b"\0\0\x04\x03", "256"),
    Fires("http2-stream-refused", "a hundred and thirty at once", b"\0\0", "REFUSED_STREAM"),
    Fires("http2-field-name-upper-case", "capitals", b"\0\x04X-Up\x011", "X-Up has capitals"),
    Fires("http2-field-name-upper-case", "capitals in trailers", b"\0\x01X\x01y", "http.disconnect"),
    Fires("http2-field-name-invalid", "a name with a space", b"\0\x03a b\x011", "no field name"),
    Fires("http2-field-name-invalid", "no name", b"\0\0\x011", "no name"),
    Fires("http2-field-value-invalid", "a value with CRLF", b"\0\x01a\x07b\r\nc: d", "control character"),
    Fires("http2-field-value-invalid", "a value with a space before it", b"\0\x01a\x02 b", "white space"),
    Fires("http2-connection-field", "connection", b"\0\x0aconnection\x05close", "about one connection of HTTP/1"),
    Fires("http2-connection-field", "transfer-encoding", b"\0\x11transfer-encoding\x07chunked", "never calls"),
    Fires("http2-te-not-trailers", "te", b"\0\x02te\x04gzip", "gzip"),
    Fires("http2-pseudo-header-missing", "no path", b"\0\0", "no :path"),
    Fires("http2-pseudo-header-empty", "an empty path", b"\0\x05:path\0", ":path is empty"),
    Fires("http2-pseudo-header-invalid", "no method at all", b"\0\x07:method\x03G T", "no token"),
    Fires("http2-pseudo-header-repeated", "path twice", b"\0\x05:path\x02/b", "twice"),
    Fires("http2-pseudo-header-unknown", "a response's", b"\0\x07:status\x03200", ":status is none of a request's"),
    Fires("http2-pseudo-header-unknown", "extended get", b"\0\x09:protocol", "not in CONNECT"),
    Fires("http2-pseudo-header-late", "pseudo-header behind", b"\0\x0a:authority", "behind a field"),
    Fires("http2-pseudo-header-in-trailers", "pseudo-header in trailers", b"\0\x05:path\x01/", "trailers"),
    Fires("http2-trailer-forbidden", "length in trailers", b"\0\x0econtent-length\x010", "content-length"),
    Fires("http2-trailers-not-last", "trailers that do not end", b"\0\0\x05\x01", "does not end the stream"),
    Fires("http2-host-differs", "other host", b"\0\x04host\x05other", ':authority is "example.org"'),
    Fires("http2-host-differs", "two hosts", b"\0\x04host\x01b", 'host is "a" and "b"'),
    Fires("http2-connect", "connect", b"\0\x07:method\x07CONNECT", "tunnel"),
    Fires("http2-content-length-invalid", "length of no digits", b"\0\x0econtent-length\x02+5", "+5"),
    Fires("http2-content-length-invalid", "two lengths", b"\0\x0econtent-length\x016", "5 and 6"),
    Fires("http2-content-length-mismatch", "too short", b"\0\0\x04\0\x01", "says 5, and 4 octets"),
    Fires("http2-content-length-mismatch", "length and nothing", b"\0\0", "no content follows"),
    Fires("http2-path-not-ascii", "not ASCII", b"\0\x05:path\x02/\xff", "cut without a word"),
    Fires("http2-request-behind-goaway", "a request behind goaway", b"\0\0", "503"),
    Fires("http2-answer-lost", "answer lost", b"\0\0", "never leaves"),
    Fires("http2-frame-incomplete", "incomplete", b"\0\0\x05\0", "12 bytes of it came"),
    Fires("http2-request-never-ends", "get", b"\0\0", "receive() waits until the client leaves"),
    Fires("http2-expect-unanswered", "expect", b"\0\x06expect\x0c100-continue", "nobody sends it"),
    Fires("http2-trailers-lost", "trailers", b"\0\0", "(x)"),
    Fires("http2-window-exhausted", "narrow", b"", "76790 octets"),
]


def inspected(case: str) -> Inspection:
    opening = PREFACE + frame_bytes(6, 0, 0, bytes(8)) if case == "settings not first" else OPENING
    read_size = 4096 if case == "too many streams" else 65536  # answers go out between the reads
    return asgi_inspect.inspect(
        opening + ALL[case], app=app, lifespan="off", timeout=2, read_size=read_size, select=["http2-"]
    )


def found(case: str, rule: str) -> tuple[Inspection, Finding]:
    inspection = inspected(case)
    matching = [finding for finding in inspection.findings if finding.rule == rule]
    assert matching, [finding.rule for finding in inspection.findings]
    return inspection, matching[-1]


@pytest.mark.parametrize("fires", TABLE, ids=lambda fires: f"{fires.rule}: {fires.case}")
def test_a_rule_fires_at_its_bytes(fires: Fires) -> None:
    inspection, finding = found(fires.case, fires.rule)

    said = "\n".join((finding.message, *finding.notes))
    assert fires.told in said
    assert finding.spec
    assert finding.help
    if fires.under:
        assert finding.span is not None
        assert finding.span.of(inspection.exchanges[0].data).startswith(fires.under)


def test_every_rule_has_a_case() -> None:
    assert {fires.rule for fires in TABLE} == {rule.id for rule in HTTP2_RULES}
    assert len({rule.id for rule in HTTP2_RULES}) == len(HTTP2_RULES)


HARMLESS = {"http2-request-never-ends", "http2-expect-unanswered", "http2-trailers-lost"}


@pytest.mark.parametrize("name", REQUESTS)
def test_good_requests_have_no_fault(name: str) -> None:
    inspection = inspected(name)

    assert {finding.rule for finding in inspection.findings} <= HARMLESS
    assert all(exchange.verdict is Verdict.ACCEPTED for exchange in inspection.exchanges)
    assert all(exchange.outcome is Outcome.COMPLETED for exchange in inspection.exchanges)


@pytest.mark.parametrize("name", [*MALFORMED, *BROKEN])
def test_bad_ones_have_an_error_with_a_name(name: str) -> None:
    inspection = inspected(name)

    assert Severity.ERROR in {finding.severity for finding in inspection.findings}
    for exchange in inspection.exchanges:
        if exchange.verdict is Verdict.REJECTED:
            assert exchange.words
            assert exchange.http2 is not None
            assert exchange.http2.fault is not None


def exchanges(case: str) -> tuple[Exchange, ...]:
    return inspected(case).exchanges


def test_a_malformed_request_is_refused_and_the_next_one_served() -> None:
    first, second = exchanges("a good one behind")

    assert (first.verdict, first.scope, first.keep_alive) == (Verdict.REJECTED, None, True)
    assert (second.verdict, second.outcome) == (Verdict.ACCEPTED, Outcome.COMPLETED)
    assert first.response is not None
    assert first.response.wire == frame_bytes(3, 0, 1, b"\0\0\0\1")


def test_a_fault_of_the_connection_is_a_rejected_exchange_of_its_own() -> None:
    served, broken = exchanges("a good one before")

    assert served.verdict is Verdict.ACCEPTED
    assert broken.verdict is Verdict.REJECTED
    assert broken.http2 is not None
    assert (broken.http2.number, broken.request, broken.keep_alive) == (0, None, False)
    assert broken.response is not None
    assert broken.response.wire == frame_bytes(7, 0, 0, b"\0\0\0\1\0\0\0\1")


def test_a_reset_of_the_client_is_a_disconnect() -> None:
    [exchange] = exchanges("reset")

    assert exchange.http2 is not None
    assert (exchange.http2.reset, exchange.http2.reset_by_client) == (8, True)
    assert exchange.outcome is Outcome.DISCONNECTED
    assert exchange.receive == ({"type": "http.disconnect"},)


def test_a_request_behind_goaway_never_reaches_the_application() -> None:
    served, refused = exchanges("a request behind goaway")

    assert served.response is not None
    assert served.response.status == 200
    assert (refused.verdict, refused.scope) == (Verdict.REJECTED, None)
    assert refused.response is not None
    assert (refused.response.status, refused.response.body) == (503, b"Service Unavailable")


def test_a_capture_that_ends_inside_a_frame_is_incomplete() -> None:
    [exchange] = exchanges("incomplete")

    assert exchange.verdict is Verdict.INCOMPLETE
    assert inspected("incomplete").unread == ()


@pytest.mark.parametrize("name", CLIENT_LEAVES)
def test_a_client_that_leaves_is_no_fault(name: str) -> None:
    assert Severity.ERROR not in {finding.severity for finding in inspected(name).findings}


def test_an_application_that_reads_a_bodyless_request_is_warned_at_its_line() -> None:
    async def reads(scope: object, receive: object, send: object) -> None:
        await receive()  # type: ignore[operator]
        await send({"type": "http.response.start", "status": 204})  # type: ignore[operator]
        await send({"type": "http.response.body"})  # type: ignore[operator]

    inspection = asgi_inspect.inspect(OPENING + headers(GET), app=reads, lifespan="off", select=["http2-"])
    [finding] = inspection.findings

    assert (finding.rule, finding.severity, finding.step) == ("http2-request-never-ends", Severity.WARNING, 1)
    assert finding.source is not None
    assert "test_http2_findings.py" in finding.source


def test_with_a_parser_of_http1_the_preface_is_what_it_is_there() -> None:
    for parser in ("h11", "httptools", "both"):
        inspection = asgi_inspect.inspect(OPENING + headers(GET), parser=parser)

        assert inspection.exchanges[0].http2 is None
        assert "http2-preface" in {finding.rule for finding in inspection.findings}


def test_an_application_that_fails_in_the_middle_resets_its_stream() -> None:
    inspection = asgi_inspect.inspect(
        OPENING + headers(with_path(b"/raises")) + headers(GET, stream=3), app=app, lifespan="off"
    )
    failed, served = inspection.exchanges

    assert failed.http2 is not None
    assert (failed.http2.reset, failed.http2.reset_by_client) == (8, False)
    assert (failed.verdict, failed.outcome, failed.keep_alive) == (Verdict.ACCEPTED, Outcome.RAISED, True)
    assert served.outcome is Outcome.COMPLETED


def test_a_client_that_waits_in_vain_leaves() -> None:
    async def never(scope: object, receive: object, send: object) -> None:
        await asyncio.Event().wait()

    frames = headers(POST, end=False) + data(b"hello") + headers(GET, stream=3)
    inspection = asgi_inspect.inspect(OPENING + frames, app=never, lifespan="off", timeout=0.2)

    for exchange in inspection.exchanges:
        assert (exchange.outcome, exchange.response, exchange.keep_alive) == (Outcome.TIMED_OUT, None, False)
