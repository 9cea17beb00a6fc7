"""The oracle against a real uvicorn on a loopback socket, and against facts seen on real servers (SERVERS.md)."""

import asyncio
import copy
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from tests import oracle
from tests.oracle import BEHAVIOURS, PARSERS, App, Call, Parser, Receive, Scope, Send, observe
from tests.request_table import REQUESTS, chunked, cut, get, post, reads, sized, splits

OK = b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: uvicorn\r\ncontent-length: 0\r\n\r\n"


def statuses(wire: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d+)", wire)


def bodies(call: Call) -> list[tuple[bytes, bool]]:
    return [(message["body"], message["more_body"]) for message in call.received if message["type"] == "http.request"]


# A real server


class RealServer:
    """uvicorn with asyncio's loop on a loopback port, in a thread."""

    def __init__(self, parser: Parser) -> None:
        self.calls: list[Call] = []
        self.app: App = oracle.reads_then_answers

        async def recorded(scope: Scope, receive: Receive, send: Send) -> Any:
            call = Call(copy.deepcopy(dict(scope)))
            self.calls.append(call)

            async def recorded_receive() -> Any:
                message = await receive()
                call.received.append(copy.deepcopy(dict(message)))
                return message

            async def recorded_send(message: Any) -> None:
                error = None
                try:
                    await send(message)
                except BaseException as exc:
                    error = f"{type(exc).__name__}: {exc}"
                    raise
                finally:
                    call.sends.append((oracle._type_of(message), error))

            return await self.app(scope, recorded_receive, recorded_send)

        config = uvicorn.Config(recorded, port=0, http=parser, loop="asyncio", lifespan="off", log_config=None)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    @contextmanager
    def running(self) -> Iterator["RealServer"]:
        with oracle._silent_loggers():
            self.thread.start()
            while not self.server.started:
                time.sleep(0.005)
            self.port = self.server.servers[0].sockets[0].getsockname()[1]
            try:
                yield self
            finally:
                self.server.should_exit = True
                self.thread.join()

    def answer(self, reads: tuple[bytes, ...], app: App, quiet: float = 0.1) -> tuple[bytes, bool, list[Call]]:
        """Send, wait until the server is quiet, leave; the wire with the date fixed, and whether the server closed."""
        self.app, self.calls = app, []
        wire = b""
        closed = False
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.settimeout(quiet)
            try:
                for data in reads:
                    client.sendall(data)
                    if len(reads) > 1:
                        time.sleep(quiet / 4)
                while True:
                    if not (data := client.recv(65536)):
                        closed = True
                        break
                    wire += data
            except TimeoutError:
                pass
            except (ConnectionResetError, BrokenPipeError):
                closed = True
        time.sleep(quiet / 4)
        return re.sub(rb"\ndate: .*?\r", b"\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r", wire), closed, self.calls


SAME_AS_REAL = [
    ("plain-get", "reads_then_answers"),
    ("plain-post", "echo"),
    ("plain-post-chunked", "stream"),
    ("pipeline-3", "reads_then_answers"),
    ("pipeline-garbage-after", "reads_then_answers"),
    ("chunk-trailer-later", "echo"),
    ("chunk-second-bad", "reads_then_answers"),
    ("coding-gzip", "reads_then_answers"),
    ("connection-close-same-read", "echo"),
    ("connection-10-plain", "stream"),
    ("expect-continue", "echo"),
    ("garbage-word", "reads_then_answers"),
    ("truncated-body-none", "reads_until_disconnect"),
    ("plain-get", "raise_mid_body"),
    ("plain-get", "length_short"),
    ("plain-post", "slow_answer"),
    ("target-query-latin1", "reads_then_answers"),
]


@pytest.fixture(scope="module", params=PARSERS)
def real(request: pytest.FixtureRequest) -> Iterator[tuple[Parser, RealServer]]:
    with RealServer(request.param).running() as server:
        yield request.param, server


@pytest.mark.parametrize(("name", "behaviour"), SAME_AS_REAL)
def test_a_real_server_answers_the_same(real: tuple[Parser, RealServer], name: str, behaviour: str) -> None:
    """Wire, who closed, scopes, messages and what send() raised agree with uvicorn on a socket."""
    parser, server = real

    wire, closed, calls = server.answer(reads(name), BEHAVIOURS[behaviour])
    observed = observe(parser, reads(name), BEHAVIOURS[behaviour])

    assert (observed.wire, observed.closed) == (wire, closed)
    assert [call.received for call in observed.calls] == [call.received for call in calls]
    assert [call.sends for call in observed.calls] == [call.sends for call in calls]
    assert [_unplaced(call.scope) for call in observed.calls] == [_unplaced(call.scope) for call in calls]


def _unplaced(scope: dict[str, Any]) -> list[tuple[str, Any]]:
    """The scope in order, without the addresses, which differ from run to run."""
    return [(key, value) for key, value in scope.items() if key not in ("client", "server")]


# Facts of SERVERS.md


@pytest.mark.parametrize("parser", PARSERS)
def test_the_scope_is_uvicorns(parser: Parser) -> None:
    """Addresses, scheme and state are those of a plain connection, and the answer has uvicorn's own headers."""
    observed = observe(parser, [get(b"/a%20b?x=1")], root_path="/root")

    assert observed.calls[0].scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 12345),
        "scheme": "http",
        "method": "GET",
        "root_path": "/root",
        "path": "/root/a b",
        "raw_path": b"/root/a%20b",
        "query_string": b"x=1",
        "headers": [(b"host", b"example.com")],
        "state": {},
    }
    assert (observed.wire, observed.closed) == (OK, False)


def test_a_trailer_is_appended_to_the_headers_by_httptools_only() -> None:
    """a.1 #8: in the same read, the application is called with the trailer among its headers."""
    data = chunked(b"5\r\nhello\r\n0\r\nX-Trailer: t\r\n\r\n")

    assert (b"x-trailer", b"t") in observe("httptools", [data]).calls[0].scope["headers"]
    assert (b"x-trailer", b"t") not in observe("h11", [data]).calls[0].scope["headers"]


def test_a_late_trailer_changes_the_headers_while_the_application_runs() -> None:
    """a.1 #9: the list in the scope is the parser's own."""
    [call] = observe("httptools", [chunked(b"5\r\nhello\r\n"), b"0\r\nX-Trailer: t\r\n\r\n"]).calls

    assert (b"x-trailer", b"t") not in call.scope["headers"]
    assert call.scope_after["headers"] == [*call.scope["headers"], (b"x-trailer", b"t")]


def test_garbage_behind_a_body_takes_the_answer_away_with_httptools_only() -> None:
    """a.2 #34: the application is called and answers, and the client gets the 400 alone."""
    data = post(b"Content-Length: 3", body=b"hello\r\n\r\n")

    observed = observe("httptools", [data])
    assert statuses(observed.wire) == [b"400"]
    assert bodies(observed.calls[0]) == [(b"hel", False)]
    assert observed.calls[0].sends == [("http.response.start", None), ("http.response.body", None)]
    assert statuses(observe("h11", [data]).wire) == [b"200", b"400"]


def test_garbage_behind_a_request_takes_the_answer_away_with_httptools_only() -> None:
    """a.2 #35: in the same read; in a read of its own the garbage comes too late for that."""
    assert statuses(observe("httptools", [get(b"/1") + b"garbage\r\n\r\n"]).wire) == [b"400"]
    assert statuses(observe("httptools", [get(b"/1"), b"garbage\r\n\r\n"]).wire) == [b"200", b"400"]
    assert statuses(observe("h11", [get(b"/1") + b"garbage\r\n\r\n"]).wire) == [b"200", b"400"]


def test_an_error_behind_the_head_comes_before_the_application_runs() -> None:
    """a.3 #1: the 400 is on the wire when the application first runs."""
    data = chunked(b"5\r\nhello\r\nzz\r\n")

    observed = observe("httptools", [data], BEHAVIOURS["reads_nothing"])
    assert statuses(observed.wire) == [b"400"]
    assert observed.calls[0].sends == [("http.response.start", None), ("http.response.body", None)]

    observed = observe("h11", [data], BEHAVIOURS["reads_nothing"])
    assert statuses(observed.wire) == [b"400"]
    [(kind, error)] = observed.calls[0].sends
    assert kind == "http.response.start"
    assert error is not None
    assert error.startswith("LocalProtocolError")


def test_h11_gives_up_where_the_answer_has_begun() -> None:
    """a.4 #3: h11 cannot send a 400 then; the error escapes from data_received and the transport is aborted."""
    observed = observe("h11", [chunked(b"5\r\nhello\r\n"), b"zz\r\n"], BEHAVIOURS["starts_then_reads"])

    assert statuses(observed.wire) == [b"200"]
    assert observed.closed
    assert observed.errors[0].startswith("LocalProtocolError")
    assert observed.calls[0].received[-1] == {"type": "http.disconnect"}


# Arrival


@pytest.mark.parametrize("parser", PARSERS)
def test_each_read_gives_one_message(parser: Parser) -> None:
    """(e): an application that waits in receive() sees exactly the body bytes of each read that has some."""
    [call] = observe(parser, [post(b"Content-Length: 5"), b"h", b"el", b"lo"]).calls

    assert bodies(call) == [(b"h", True), (b"el", True), (b"lo", False)]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_sleeping_application_gets_what_came_meanwhile(parser: Parser) -> None:
    """Reads arrive while it sleeps; the capture is complete, so the client waits for the answer."""
    observed = observe(parser, [post(b"Content-Length: 5"), b"h", b"el", b"lo"], BEHAVIOURS["slow_reader"])

    assert bodies(observed.calls[0]) == [(b"hello", False)]
    assert statuses(observed.wire) == [b"200"]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_client_that_sent_less_than_it_said_leaves_at_once(parser: Parser) -> None:
    """A sleeping application does not hold back the end of an unfinished request."""
    observed = observe(parser, [post(b"Content-Length: 5", body=b"h")], BEHAVIOURS["slow_reader"])

    assert observed.calls[0].received == [{"type": "http.disconnect"}]
    assert not observed.closed


@pytest.mark.parametrize("parser", PARSERS)
def test_reading_pauses_above_64_kib(parser: Parser) -> None:
    """(e): a busy application finds more than 65536 bytes in one message, and no read after that."""
    data = cut(sized(b"x" * 180000), b"\r\n\r\n")
    [call] = observe(parser, [data[0], *[b"x" * 60000] * 3], BEHAVIOURS["slow_reader"]).calls

    assert [(len(data), more) for data, more in bodies(call)] == [(120000, True), (60000, False)]


@pytest.mark.parametrize("parser", PARSERS)
def test_the_client_cannot_leave_while_reading_is_paused(parser: Parser) -> None:
    """An application that neither reads nor answers is told in the end, and the run is over."""

    async def waits_for_ever(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    observed = observe(parser, [sized(b"x" * 70000), get(b"/never")], waits_for_ever)

    assert len(observed.calls) == 1
    assert not observed.closed
    assert not observed.timed_out
    assert not observed.calls[0].finished


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("pause", [0, 3600])
def test_a_run_is_bounded(parser: Parser, pause: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that never comes to an end, asleep or awake, is cut off and said to be."""
    monkeypatch.setattr(oracle, "WALL_CLOCK", 0.1)

    async def goes_on(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            await asyncio.sleep(pause)

    assert observe(parser, [get(b"/")], goes_on).timed_out


@pytest.mark.parametrize("parser", PARSERS)
def test_a_factory_makes_the_application(parser: Parser) -> None:
    """A callable without arguments is called once; its application is called for each request."""
    made = []

    def factory() -> App:
        made.append(1)
        return oracle.reads_then_answers

    assert statuses(observe(parser, [get(b"/1") + get(b"/2")], factory).wire) == [b"200", b"200"]
    assert made == [1]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_behaviour_comes_to_the_same_end_twice(parser: Parser, behaviour: str) -> None:
    """Nothing depends on time or chance."""
    for data in (sized(b"hello"), sized(b"hello")[:-1], get(b"/1") + get(b"/2")):
        first, second = (observe(parser, [data], BEHAVIOURS[behaviour]) for _ in range(2))

        assert first == second
        assert not first.timed_out


def test_the_table_is_large_and_its_splits_are_whole() -> None:
    """At least 400 requests, and every split of one holds the same bytes."""
    assert len(REQUESTS) >= 400
    for data in (b"", b"G", get(b"/"), sized(b"x" * 5000)):
        assert all(b"".join(way) == data for way in splits(data, seed=1))
        assert splits(data, seed=1) == splits(data, seed=1)
