"""Scopes, messages, what send() raises and every byte of the server equal uvicorn's own HTTP/2 protocol, with zttp."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracle
from tests.comparison import dry_run, same, theirs
from tests.http2_cases import CASES, CLIENT_LEAVES, MALFORMED, REQUESTS
from tests.http2_frames import GET, OPENING, POST, data, goaway, headers, rst_stream, window_update, with_path
from tests.http2_frames import settings as settings_frame
from tests.oracle import App, Receive, Scope, Send

TOPIC = "uvicorn's HTTP/2 protocol"
# A longer search: HTTP2_EXAMPLES=5000 pytest tests/test_http2_faithful.py -k any
EXAMPLES = int(os.environ.get("HTTP2_EXAMPLES", "60"))
OK = oracle.sends(oracle.start(200, oracle.length(2)), oracle.body(b"ok"), reads=False)
TAKES_TRAILERS = [*POST, (b"te", b"trailers")]
# So much is granted that no response waits for more.
WIDE = settings_frame((4, 1 << 30)) + window_update(1 << 30)


def compare(reads: Sequence[bytes], app: App, *what: object) -> None:
    observed = oracle.observe("zttp", reads, app)

    same(TOPIC, dry_run("zttp", reads, app), theirs(observed), *what)


@pytest.mark.parametrize("name", CASES)
def test_a_connection_is_served_as_uvicorn_serves_it(name: str) -> None:
    compare([OPENING + CASES[name]], OK, name)


@pytest.mark.parametrize("name", CASES)
def test_so_is_one_that_comes_in_pieces(name: str) -> None:
    whole = OPENING + CASES[name]

    compare([whole[:20], whole[20:50], whole[50:]], OK, name)


def test_so_is_one_that_comes_octet_by_octet() -> None:
    whole = OPENING + CASES["two bodies interleaved"]

    compare([whole[at : at + 1] for at in range(len(whole))], oracle.echo)


WITH_CONTENT = [name for name, case in CASES.items() if b"hello" in case or "bodies" in name]


@pytest.mark.parametrize("name", WITH_CONTENT)
def test_content_reaches_an_application_that_reads(name: str) -> None:
    compare([OPENING + CASES[name]], oracle.echo, name)


@pytest.mark.parametrize("name", WITH_CONTENT)
def test_messages_come_as_the_reads_do(name: str) -> None:
    whole = OPENING + CASES[name]
    cut = whole.index(b"hello") + 3 if b"hello" in whole else -10

    compare([whole[:cut], whole[cut:]], oracle.echo_as_it_comes, name)


@pytest.mark.parametrize("behaviour", oracle.BEHAVIOURS)
def test_an_application_is_treated_as_uvicorn_treats_it(behaviour: str) -> None:
    whole = OPENING + WIDE + headers(TAKES_TRAILERS, end=False) + data(b"hello")

    compare([whole], oracle.BEHAVIOURS[behaviour], behaviour)


# An application that sends much without ever waiting gives way here, and the other's turn comes sooner.
WITHOUT_MUCH = [name for name in oracle.BEHAVIOURS if not name.startswith("large")]


@pytest.mark.parametrize("behaviour", WITHOUT_MUCH)
def test_so_it_is_beside_another_stream(behaviour: str) -> None:
    """What one stream's application does wrong is no matter of the other's."""
    other = headers(POST, stream=3, end=False)
    whole = OPENING + WIDE + headers(POST, end=False) + other + data(b"hello") + data(b"there", stream=3)

    async def app(scope: Scope, receive: Receive, send: Send) -> object:
        first = len(scope.get("state", {})) == 0 and seen == []
        seen.append(scope)
        return await (oracle.BEHAVIOURS[behaviour] if first else oracle.echo)(scope, receive, send)

    seen: list[Scope] = []
    observed = theirs(oracle.observe("zttp", [whole], app))
    seen = []
    same(TOPIC, dry_run("zttp", [whole], app), observed, behaviour)


def trailers(*more: object, **keys: object) -> App:
    """Answers with trailers."""
    return oracle.sends(
        {"type": "http.response.start", "status": 200, "headers": [], "trailers": True},
        oracle.body(b"ok"),
        *({"type": "http.response.trailers", **one} for one in more if isinstance(one, dict)),
    )


APPS: dict[str, App] = {
    "trailers": trailers({"headers": [(b"X-T", b"1")]}),
    "trailers in two": trailers({"headers": [(b"x", b"1")], "more_trailers": True}, {"headers": [(b"y", b"2")]}),
    "trailers of none": trailers({"headers": []}),
    "trailers that are dropped": trailers({"headers": [(b"connection", b"close"), (b"te", b"x"), (b"x", b"1")]}),
    "trailers with a pseudo-header": trailers({"headers": [(b":x", b"1")]}),
    "trailers that zttp refuses": trailers({"headers": [(b"content-length", b"1")]}),
    "trailers without end": trailers({"headers": [(b"x", b"1")], "more_trailers": True}),
    "no trailers in the end": trailers(),
    "a hint": oracle.sends({"type": "http.response.early_hint", "links": [b"</a>; rel=preload"]}, oracle.body()),
    "a hint, then all": oracle.sends(
        {"type": "http.response.early_hint", "links": [b"</a>"]}, oracle.start(200), oracle.body(b"ok")
    ),
    "a hint of text": oracle.sends({"type": "http.response.early_hint", "links": ["</a>"]}),
    "a hint too late": oracle.sends(oracle.start(200), {"type": "http.response.early_hint", "links": []}),
    "connection fields": oracle.sends(
        oracle.start(
            200, (b"Connection", b"close"), (b"TE", b"gzip"), (b"transfer-encoding", b"chunked"), (b"te", b"Trailers")
        ),
        oracle.body(b"ok"),
    ),
    "fields of many octets": oracle.sends(oracle.start(200, (b"a", b"x" * 40000)), oracle.body(b"ok")),
    "a long response": oracle.sends(oracle.start(200), oracle.body(bytes(100_000), True), oracle.body(b"end")),
    "a tab in a value": oracle.sends(oracle.start(200, (b"a", b"b\tc")), oracle.body()),
    "a status of 1000": oracle.sends(oracle.start(1000), oracle.body()),
    "a status of 600": oracle.sends(oracle.start(600), oracle.body()),
    "bytearray content": oracle.sends(oracle.start(200), oracle.body(bytearray(b"ok"))),
    "bytearray field": oracle.sends(oracle.start(200, (b"a", bytearray(b"b"))), oracle.body()),
    "content of text": oracle.sends(oracle.start(200), oracle.body("ok")),
}


@pytest.mark.parametrize("asked", [POST, TAKES_TRAILERS], ids=["plain", "te: trailers"])
@pytest.mark.parametrize("name", APPS)
def test_what_only_http2_knows_is_sent_alike(name: str, asked: list[tuple[bytes, bytes]]) -> None:
    compare([OPENING + WIDE + headers(asked, end=False) + data(b"hello")], APPS[name], name)


NARROW = settings_frame((4, 10))


@pytest.mark.parametrize("name", ["a long response", "trailers"])
def test_windows_hold_content_back_until_the_client_grants_more(name: str) -> None:
    first = OPENING + NARROW + headers(TAKES_TRAILERS, end=False) + data(b"hello")
    later = [window_update(7, stream=1), settings_frame((4, 1 << 20)) + window_update(1 << 20)]

    compare([first, *later], APPS[name], name)


LATER = {
    "reset": rst_stream(),
    "goaway": goaway(),
    "another": headers(POST, stream=3, end=False) + data(b"2", stream=3),
    "garbage": data(b"x", stream=0),
}


@pytest.mark.parametrize("name", LATER)
def test_the_client_has_more_to_say_while_an_application_waits(name: str) -> None:
    whole = OPENING + headers(POST, end=False) + data(b"hello", end=False)

    compare([whole, LATER[name], data(b"more")], oracle.echo_as_it_comes, name)
    compare([whole, LATER[name], data(b"more")], oracle.listens_for_disconnect, name)


def test_a_path_that_is_not_ascii_cuts_the_connection() -> None:
    compare([OPENING + headers(GET) + headers(with_path(b"/\xff"), stream=3) + headers(GET, stream=5)], OK)


def test_an_application_is_told_that_a_request_without_content_has_ended() -> None:
    """The one difference: uvicorn 0.54 with zttp 0.0.35 leaves it waiting until the client is gone."""
    uvicorn = oracle.observe("zttp", [OPENING + headers(GET)], oracle.echo)
    here = dry_run("zttp", [OPENING + headers(GET)], oracle.echo)

    assert [call.received for call in uvicorn.calls] == [[{"type": "http.disconnect"}]]
    assert [call.received for call in here.calls] == [[{"type": "http.request", "body": b"", "more_body": False}]]
    assert here.calls[0].scope == list(uvicorn.calls[0].scope.items())
    assert len(here.wire) > len(uvicorn.wire)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(
        st.sampled_from([*REQUESTS.values(), *CLIENT_LEAVES.values(), *MALFORMED.values()]), min_size=1, max_size=3
    ),
    st.lists(st.integers(1, 400), max_size=3),
)
def test_any_cuts_are_served_alike(cases: list[bytes], cuts: list[int]) -> None:
    whole = OPENING + b"".join(cases)
    edges = [0, *sorted({cut for cut in cuts if cut < len(whole)}), len(whole)]

    compare([whole[start:end] for start, end in pairwise(edges)], OK)
