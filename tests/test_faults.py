"""Findings as a whole: their severity and notes, what has no rule, what is true of what they promise."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asgi_inspect.asgi import Scope
from asgi_inspect.faults import RULES, Reading, Request, find_faults
from asgi_inspect.faults.judge import judge
from asgi_inspect.faults.quick import nothing_odd
from asgi_inspect.faults.wire import Wire
from asgi_inspect.findings import Finding, Severity
from asgi_inspect.servers.uvicorn import PARSERS
from tests.test_faults_readings import faults, played, requests
from tests.test_faults_table import CASES, HOST, OK, PLAIN, chunks, get, line, post

WELL_FORMED = [
    OK,
    OK + OK,
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.0\r\nHost: e\r\nConnection: keep-alive\r\n\r\n",
    line(b"OPTIONS * HTTP/1.1"),
    line(b"GET /a/b;c?d=e%20f&g HTTP/1.1"),
    line(b"GET //x//../y HTTP/1.1"),
    line(b"M-SEARCH /x HTTP/1.1"),
    get(b"Host: [::1]:8000\r\n"),
    get(b"host:e\r\nX-Empty:\r\nX-Latin: \xe9\t\xff\r\n!#$%&'*+-.^_`|~: 1\r\n"),
    get(HOST + b"Connection: close\r\n"),
    get(HOST + b"Upgrade: h2c\r\n"),
    get(HOST + b"X: " + b"a" * 60000 + b"\r\n"),
    post(b"Content-Length: 5\r\n"),
    post(b"Content-Length: 0\r\n", b""),
    post(b"Content-Length: 5\r\n") + OK,
    post(b"Content-Length: 5\r\n", b"\r\n\r\n\n") + OK,
    post(b"Content-Length: 5\r\nExpect: 100-continue\r\n"),
    post(b"Transfer-Encoding: Chunked\r\n", PLAIN) + OK,
    chunks(b"00a\r\n0123456789\r\n5\r\n\r\n\r\n\n\r\n000\r\n\r\n"),
    get(
        HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    ),
]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("data", WELL_FORMED, ids=range(len(WELL_FORMED)))
def test_a_well_formed_request_has_no_finding(data: bytes, parser: str) -> None:
    assert faults(data, parser) == []
    assert faults(data, parser, alone=True) == []


def named(findings: list[Finding], rule: str) -> Finding:
    (finding,) = [finding for finding in findings if finding.rule == rule]
    return finding


def test_the_finding_tells_both_parsers_in_their_own_words() -> None:
    finding = named(faults(get(b"X: 1\r\nY: 2\r\n"), "h11"), "host-missing")

    assert finding.severity is Severity.ERROR
    assert finding.message == "an HTTP/1.1 request needs a Host field"
    assert finding.label == "no Host among its 2 fields"
    assert finding.notes == (
        'h11: "Missing mandatory Host: header"; uvicorn with h11 answers 400 and never calls the app',
        'httptools takes it: the app is called, scope["headers"] has no b"host"',
    )
    assert (finding.connection, finding.exchange, finding.spec) == (1, 1, "RFC 9112 §3.2")


def test_nothing_is_said_of_a_parser_that_was_not_run() -> None:
    finding = named(faults(get(b""), "httptools", alone=True), "host-missing")

    assert finding.severity is Severity.WARNING
    assert not any(note.startswith("h11") for note in finding.notes)


@pytest.mark.parametrize("parser", PARSERS)
def test_behind_a_complete_head_the_app_is_called_and_400_goes_out(parser: str) -> None:
    finding = named(faults(chunks(b"xyz\r\n"), parser), "chunk-size-invalid")

    assert f"uvicorn with {parser} has called the app by then, and answers 400 all the same" in finding.notes[0]


def test_only_what_the_parser_stopped_for_is_the_error() -> None:
    """h11 stops at the line without a colon, httptools at the LF before it."""
    data = get(HOST + b"X: a\nb\r\nY : 1\r\n")

    for parser, error in (("h11", "field-without-colon"), ("httptools", "bare-lf")):
        found = faults(data, parser)

        assert [finding.rule for finding in found if finding.severity is Severity.ERROR] == [error]
        later = named(found, "space-before-colon")
        assert later.severity is Severity.WARNING
        assert f"{parser} stopped at another fault; it would refuse this too" in later.notes


def test_a_rule_is_told_once_with_the_number_of_its_places() -> None:
    finding = named(faults(get(HOST + b"A: 1\r\n 2\r\n 3\r\nB: 1\r\n 2\r\n"), "h11"), "obsolete-line-folding")

    assert (finding.line, finding.notes[-1]) == (4, "2 more like this in the request")


def test_lines_count_over_the_whole_connection() -> None:
    finding = named(faults(OK + OK + line(b"GET /f#g HTTP/1.1"), "httptools"), "fragment-in-target")

    assert (finding.exchange, finding.line, finding.column) == (3, 7, 7)


def test_captured_bytes_are_escaped_in_every_text() -> None:
    for data in (
        line(b"GET /\x1b[2J HTTP/1.1"),
        get(HOST + b"X\x1b: \x1b\r\n"),
        b"\x1b]0;x\r\n\r\n",
        chunks(b"\x1b\r\n"),
    ):
        for parser in PARSERS:
            for finding in faults(data, parser):
                texts = (finding.message, finding.label, *finding.notes, finding.help)

                assert "\x1b" not in "".join(texts)


def test_a_long_quotation_is_cut() -> None:
    finding = named(faults(get(HOST + b"X " + b"y" * 9000 + b"\r\n"), "h11"), "field-without-colon")

    assert len(finding.message) < 200
    assert all(len(note) < 500 for note in finding.notes)


def test_what_fits_no_rule_quotes_the_parser_at_its_byte() -> None:
    data = OK + b"GET /a\t"
    finding = named(faults(data, "httptools"), "malformed-request")
    assert finding.span is not None

    assert (finding.severity, finding.span.of(data), finding.line) == (Severity.ERROR, b"\t", 4)
    assert finding.notes[0].startswith('httptools: "Invalid characters in url"')


@pytest.mark.parametrize("parser", PARSERS)
def test_words_that_no_rule_knows_are_an_error_all_the_same(parser: str) -> None:
    """A parser of the future may refuse for reasons of its own."""
    reading = Reading(parser=parser, verdict="rejected", words="a new reason")

    (finding,) = find_faults(Request(data=OK, start=0, end=len(OK), chosen=reading))

    assert (finding.rule, finding.severity) == ("malformed-request", Severity.ERROR)
    assert finding.notes[0].startswith(f'{parser}: "a new reason"')


def test_what_only_the_other_parser_refuses_without_a_rule_is_a_warning() -> None:
    chosen = Reading(parser="h11", verdict="accepted", head_done=True)
    other = Reading(parser="httptools", verdict="rejected", words="a new reason")
    request = Request(data=OK, start=0, end=len(OK), chosen=chosen, other=other)

    (finding,) = find_faults(request)

    assert (finding.rule, finding.severity) == ("malformed-request", Severity.WARNING)


def test_an_editors_newline_behind_a_body_is_a_note_or_h11s_error() -> None:
    data = post(b"Content-Length: 5\r\n", b"hello\n")

    assert [(f.rule, f.severity) for f in faults(data, "httptools")] == [("line-ends-after-body", Severity.NOTE)]
    assert [(f.rule, f.severity) for f in faults(data, "h11")] == [("blank-line-before-request", Severity.ERROR)]


def first_scope(data: bytes, parser: str) -> Scope:
    return played(data, parser).taken[0].scope


def body(data: bytes, parser: str) -> object:
    return [message.get("body") for message in played(data, parser).taken[0].receive]


def wire(data: bytes, parser: str) -> bytes:
    tape = played(data, parser).taken[0].wire.value()
    assert isinstance(tape, bytes)
    return tape


CONSEQUENCES: list[tuple[str, str, str, Callable[[bytes], bool]]] = [
    (
        "host-missing",
        "httptools",
        'scope["headers"] has no b"host"',
        lambda d: first_scope(d, "httptools")["headers"] == [(b"x", b"1")],
    ),
    ("method-lower-case", "h11", "keeps this case", lambda d: first_scope(d, "h11")["method"] == "get"),
    ("http-version-missing", "httptools", '"0.9"', lambda d: first_scope(d, "httptools")["http_version"] == "0.9"),
    (
        "http-version-of-another-protocol",
        "httptools",
        '"1.0"',
        lambda d: first_scope(d, "httptools")["http_version"] == "1.0",
    ),
    ("http-version-unsupported", "h11", '"1.2"', lambda d: first_scope(d, "h11")["http_version"] == "1.2"),
    ("absolute-form-target", "h11", "b'http://e/a'", lambda d: first_scope(d, "h11")["raw_path"] == b"http://e/a"),
    ("absolute-form-target", "httptools", "b'/a'", lambda d: first_scope(d, "httptools")["raw_path"] == b"/a"),
    ("fragment-in-target", "h11", 'scope["path"] keeps it', lambda d: first_scope(d, "h11")["path"] == "/f#g"),
    ("fragment-in-target", "httptools", "dropped", lambda d: first_scope(d, "httptools")["path"] == "/f"),
    (
        "obsolete-line-folding",
        "h11",
        "joined with one space",
        lambda d: (b"x", b"a b") in first_scope(d, "h11")["headers"],
    ),
    ("control-byte-in-value", "h11", "as it came", lambda d: (b"x", b"a\x1bb") in first_scope(d, "h11")["headers"]),
    (
        "host-repeated",
        "httptools",
        "both",
        lambda d: [name for name, _ in first_scope(d, "httptools")["headers"]] == [b"host"] * 2,
    ),
    (
        "content-length-repeated",
        "h11",
        "one of them",
        lambda d: [n for n, _ in first_scope(d, "h11")["headers"]].count(b"content-length") == 1,
    ),
    ("content-length-with-transfer-encoding", "h11", "it reads chunks", lambda d: body(d, "h11") == [b"hello"]),
    (
        "transfer-encoding-before-chunked",
        "httptools",
        "chunks are taken off",
        lambda d: body(d, "httptools") == [b"hello"],
    ),
    ("trailer-fields", "h11", "never sees them", lambda d: (b"x", b"1") not in first_scope(d, "h11")["headers"]),
    (
        "trailer-fields",
        "httptools",
        'appended to scope["headers"]',
        lambda d: (b"x", b"1") in first_scope(d, "httptools")["headers"],
    ),
    ("upgrade-with-body", "h11", "gets the body", lambda d: body(d, "h11") == [b"hello"]),
    ("upgrade-with-body", "httptools", "no body", lambda d: body(d, "httptools") == [b""]),
    ("bytes-behind-upgrade", "h11", "next request", lambda d: len(played(d, "h11").taken) == 2),
    ("bytes-behind-upgrade", "httptools", "thrown away", lambda d: len(played(d, "httptools").taken) == 1),
    ("expect-unknown", "h11", "no 100 Continue", lambda d: b" 100 " not in wire(d, "h11")),
    ("expect-trailing-space", "h11", "100 Continue is sent", lambda d: b" 100 " in wire(d, "h11")),
    ("expect-trailing-space", "httptools", "no 100 Continue", lambda d: b" 100 " not in wire(d, "httptools")),
    ("expect-in-http10", "h11", "ignored", lambda d: b" 100 " not in wire(d, "h11")),
    ("expect-in-http10", "httptools", "100 Continue is sent", lambda d: b" 100 " in wire(d, "httptools")),
    ("bytes-never-read", "httptools", "ignored", lambda d: len(played(d, "httptools").taken) == 1),
    ("bytes-never-read", "h11", "ignored", lambda d: len(played(d, "h11").taken) == 1),
    ("body-without-length", "httptools", 'receive() gives b""', lambda d: body(d, "httptools") == [b""]),
]


@pytest.mark.parametrize(
    ("rule", "parser", "words", "holds"), CONSEQUENCES, ids=[f"{c[0]}-{c[1]}" for c in CONSEQUENCES]
)
def test_what_a_note_says_follows_does_follow(
    rule: str, parser: str, words: str, holds: Callable[[bytes], bool]
) -> None:
    data = next(case.data for case in CASES if case.rule == rule)
    (note,) = [note for note in named(faults(data, parser), rule).notes if note.startswith(f"{parser} takes it")]

    assert words in note
    assert holds(data)


PIECES = st.sampled_from(
    [
        b"GET ",
        b"POST ",
        b"/",
        b" ",
        b"HTTP/1.1",
        b"\r\n",
        b"\n",
        b"\r",
        b"\t",
        b":",
        b"Host: e\r\n",
        b"\0",
        b"\xff",
        b"0",
        b"5",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n\r\n",
        b"hello",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b";a=b",
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
        b"Expect: 100-continue\r\n",
        b"http://e",
        b"#",
        b"?",
        b"CONNECT ",
        b"X : 1\r\n",
    ]
)
ANY_BYTES = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=25).map(b"".join))


def check(data: bytes, parser: str) -> None:
    """What holds for any bytes: spans inside, an error where refused or cut short and only there."""
    for request in requests(data, parser):
        found = find_faults(request)
        errors = [finding for finding in found if finding.severity is Severity.ERROR]

        assert bool(errors) == (request.chosen.verdict != "accepted")
        for finding in found:
            assert finding.span is not None
            assert 0 <= finding.span.start <= finding.span.end <= len(data)
            assert finding.line
            assert finding.column
            assert (finding.message, finding.spec, finding.help) > ("", "", "")
        if request.accepted and nothing_odd(request.data, request.start, request.end):
            assert [rule.id for rule in RULES if judge(Wire(request), rule)] == []


@pytest.mark.parametrize("rest", [b"", b"\0\0\0\4\0\0\0\0\0", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_an_http2_opening_is_one_fault_in_two_places_for_h11(rest: bytes) -> None:
    """It takes the first half for a request, and stumbles over the second."""
    data = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + rest
    first, second = faults(data, "h11")

    assert (first.rule, first.severity) == ("http2-preface", Severity.WARNING)
    assert (second.rule, second.severity) == ("http2-preface-continued", Severity.ERROR)
    assert second.span is not None
    assert (second.span.of(data), second.line, second.column) == (b"SM", 3, 1)
    assert first.help == second.help
    assert second.notes[0].startswith("h11: \"illegal request line: bytearray(b'SM')\"; uvicorn with h11 answers 400")
    assert [finding.rule for finding in faults(data, "httptools")] == ["http2-preface"]
    other = faults(data.replace(b"SM", b"MS"), "h11")
    assert [finding.rule for finding in other] == ["http2-preface", "bytes-after-body"]


@given(data=ANY_BYTES, parser=st.sampled_from(PARSERS))
@example(data=b"\r", parser="h11")
@example(data=b"GET \r", parser="httptools")
@example(data=b"GET http://", parser="httptools")
def test_any_bytes_are_explained(data: bytes, parser: str) -> None:
    check(data, parser)


@pytest.mark.parametrize("parser", PARSERS)
def test_every_case_changed_at_random_is_explained(parser: str) -> None:
    """Faults are rarely alone: the table's requests, cut, doubled and with stray bytes (always the same ones)."""
    chance = random.Random(9112)
    seeds = [case.data for case in CASES if len(case.data) < 1000]
    for _ in range(3000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice([1, 1, 2, 4])):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.choice([0, 0, 1, 3])] = chance.choice(
                [b"", b"\r", b"\n", b" ", b":", b"\0", b"\xff", b"5"]
            )
        check(bytes(data), parser)


@pytest.mark.parametrize("data", [*WELL_FORMED[:8], *WELL_FORMED[13:20]], ids=range(15))
def test_most_requests_take_the_short_way(data: bytes) -> None:
    request = requests(data, "httptools")[0]
    assert request.accepted
    assert nothing_odd(data, request.start, request.end)


@pytest.mark.parametrize(
    "data",
    [
        get(HOST + b"X: \x01\r\n" * 20000),
        get(HOST + b" \x01\r\n" * 20000),
        b"GET /" + b" " * 200000,
        b"GET / HTTP/1.1" + b"\r" * 200000,
        chunks(b"1;a=b\r\nx\r\n" * 20000 + b"0\r\n\r\n"),
        line(b"GET /#a HTTP/1.1") * 2000,
    ],
    ids=["values", "folds", "spaces", "returns", "chunks", "requests"],
)
def test_many_faults_take_linear_time(data: bytes) -> None:
    """Each of these took minutes where a search began anew at every byte; the test's own time is the check."""
    assert faults(data, "h11")
