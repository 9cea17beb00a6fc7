"""What a dry run shows is what a real uvicorn process writes on a loopback socket, byte for byte.

One process for each parser, with uvicorn's defaults but for the lifespan, which these applications do not know, and a
longer keep-alive, so that only a response can close a connection. Nothing waits for silence: a connection that is
kept alive answers one more request, and one whose request is not complete ends when the client stops sending.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from asgi_inspect import Exchange, Outcome, Verdict
from tests.comparison import DATE, Seen, inspected, of_exchanges, same
from tests.oracle import BEHAVIOURS, PARSERS, Parser, Receive, Scope, Send

HERE = Path(__file__).parent
PATIENCE = 30.0
TOPIC = "a real uvicorn on a socket"


async def app(scope: Scope, receive: Receive, send: Send) -> object:
    """What the server runs: the path names the behaviour."""
    return await BEHAVIOURS[scope["path"].strip("/")](scope, receive, send)


# The requests, PATH standing for the behaviour. Behind the first piece the client waits for "100 Continue".

REQUESTS: dict[str, Sequence[bytes]] = {
    "get": [b"GET /PATH HTTP/1.1\r\nHost: x\r\n\r\n"],
    "get-close": [b"GET /PATH HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
    "get-10": [b"GET /PATH HTTP/1.0\r\nHost: x\r\n\r\n"],
    "get-10-keep-alive": [b"GET /PATH HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"],
    "head": [b"HEAD /PATH HTTP/1.1\r\nHost: x\r\n\r\n"],
    "post": [b"POST /PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"],
    "post-chunked": [
        b"POST /PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    ],
    "post-unfinished": [b"POST /PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhello"],
    "post-50000": [b"POST /PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + b"0123456789" * 5000],
    "pipelined": [b"GET /PATH HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + b"GET /head_aware HTTP/1.1\r\nHost: x\r\n\r\n"],
    "pipelined-post-first": [
        b"POST /PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokHEAD /PATH HTTP/1.1\r\nHost: x\r\n\r\n"
    ],
    "expect": [
        b"POST /PATH HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        b"hello",
    ],
    "bad-chunk": [b"POST /PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nzz\r\n"],
    "garbage-behind": [b"GET /PATH HTTP/1.1\r\nHost: x\r\n\r\n\x00\x01 no request\r\n\r\n"],
    "upgrade": [b"GET /PATH HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n"],
}
CHOSEN = [
    "echo",
    "stream",
    "stream_with_length",
    "no_length_single",
    "empty",
    "head_aware",
    "large",
    "two_cookies",
    "slow_answer",
    "length_short",
    "length_long",
    "s204_with_body",
    "s304_with_length",
    "s304_with_body",
    "te_chunked_own",
    "connection_close",
    "connection_close_in_list",
    "own_date_server",
    "header_latin1",
    "bad_header_name",
    "bad_header_value",
    "body_before_start",
    "start_twice",
    "send_after_end",
    "unfinished_body",
    "raise_before_start",
    "raise_mid_body",
    "raise_after_end",
    "return_without_answer",
    "returns_value_only",
]
WAITS_FOR_ALL = ["echo", "stream", "head_aware", "length_short", "return_without_answer", "raise_mid_body"]
# The server answers "100 Continue" when the application reads, so these must read before anything else.
READS_FIRST = [*WAITS_FOR_ALL, "connection_close", "s204_with_body", "returns_value_only", "bad_header_value"]
LIMITED = {
    "post-unfinished": WAITS_FOR_ALL,
    "post-50000": WAITS_FOR_ALL,
    "expect": READS_FIRST,
    "bad-chunk": ["echo", "raise_before_start", "return_without_answer"],
}
CASES = [(name, behaviour) for name in REQUESTS for behaviour in LIMITED.get(name, CHOSEN)]

UNPARSED = {
    "garbage": b"no request at all\r\n\r\n",
    "binary": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no-host": b"GET /echo HTTP/1.1\r\n\r\n",
    "space-in-name": b"GET /echo HTTP/1.1\r\nHost: x\r\nX Y: 1\r\n\r\n",
    "space-before-colon": b"GET /echo HTTP/1.1\r\nHost : x\r\n\r\n",
    "bad-version": b"GET /echo HTTP/3.7\r\nHost: x\r\n\r\n",
    "bad-length": b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\nhello",
    "two-lengths": b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length-and-chunked": (
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "bad-chunk-size": b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n",
    "control-in-value": b"GET /echo HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "unfinished-head": b"GET /echo HTTP/1.1\r\nHost: x\r\n",
    "nothing-but-blank-lines": b"\r\n\r\n",
}


class Server:
    """A uvicorn process that runs `target`."""

    def __init__(self, parser: Parser, log: Path, target: str, *more: str, **environment: str) -> None:
        command = [sys.executable, "-m", "uvicorn", target, "--app-dir", str(HERE.parent), *more]
        options = ["--http", parser, "--loop", "asyncio", "--lifespan", "off", "--timeout-keep-alive", "600"]
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, *options, "--host", "127.0.0.1", "--port", "0"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **environment},
            )
        self._port = 0

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def port(self) -> int:
        """The port that the kernel gave it, from its log: none is guessed, so none can be taken."""
        until = time.monotonic() + 2 * PATIENCE
        while not self._port:
            found = re.search(r"running on http://127\.0\.0\.1:(\d+)", self._log.read_text())
            self._port = int(found[1]) if found else 0
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < until, "uvicorn does not start"
            time.sleep(0.02)
        return self._port

    def connection(self) -> "Client":
        return Client(socket.create_connection(("127.0.0.1", self.port), PATIENCE))


class Client:
    """A client's socket and all bytes that it was sent; `ended` when the server closed."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.wire = b""
        self.ended = False

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """All at once, which loopback delivers in one read."""
        self._socket.sendall(data)

    def stop_sending(self) -> None:
        """The server sees the end of the stream."""
        self._socket.shutdown(socket.SHUT_WR)

    def read(self, count: int | None = None) -> None:
        """Until `count` bytes are there, or to the end of the stream; patience runs out with what is there by then."""
        try:
            while not self.ended and (count is None or len(self.wire) < count):
                data = self._socket.recv(1 << 20)
                self.wire += data
                self.ended = not data
        except ConnectionResetError:
            self.ended = True
        except TimeoutError:
            pass


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Parser, Server]]:
    """Both started at once, and once for the whole module."""
    folder = tmp_path_factory.mktemp("uvicorn")
    with ExitStack() as stack:
        yield {
            parser: stack.enter_context(Server(parser, folder / f"{parser}.log", f"tests.{Path(__file__).stem}:app"))
            for parser in PARSERS
        }


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_REQUEST = b"GET /no_length_single HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LAST_ANSWER = re.compile(rb"HTTP/1\.1 200 OK\r\n(?:[^\r]+\r\n){4}\r\n5\r\nhello\r\n0\r\n\r\n\Z")
NOTHING = re.compile(rb"\Z")
_SERVERS_DATE = re.compile(rb"(?<=\r\ndate: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT(?=\r\n)")


def shown(parser: Parser, pieces: Sequence[bytes]) -> tuple[Exchange, ...]:
    """What asgi-inspect shows, the second piece arriving as a read of its own."""
    together = 65536 if len(pieces) == 1 else len(pieces[0])
    inspection = inspected(
        b"".join(pieces),
        app=app,
        parser=parser,
        lifespan="off",
        loop="asyncio",
        read_size=together,
        timeout=PATIENCE,
        body_limit=1 << 20,
    )
    return inspection.exchanges


def expected_of(exchanges: Sequence[Exchange]) -> tuple[Seen, bool]:
    """The bytes of all answers and whether the server closes of itself; then, whether the last request is cut short."""
    assert all(exchange.outcome is not Outcome.TIMED_OUT for exchange in exchanges)
    verdict = exchanges[-1].verdict if exchanges else Verdict.INCOMPLETE
    unfinished = verdict is Verdict.INCOMPLETE
    closed = verdict is Verdict.REJECTED or (not unfinished and not exchanges[-1].keep_alive)
    return Seen([], of_exchanges(exchanges).wire, closed), unfinished


def served(
    server: Server,
    pieces: Sequence[bytes],
    ours: Seen,
    *,
    unfinished: bool = False,
    last: tuple[bytes, re.Pattern[bytes]] = (LAST_REQUEST, LAST_ANSWER),
) -> Seen:
    """What the server writes, and whether it closes without being asked to."""
    with server.connection() as client:
        client.send(pieces[0])
        for piece in pieces[1:]:
            client.read(len(CONTINUE))
            client.send(piece)
        client.read(len(ours.wire))
        if ours.closed:
            client.read()
            closed, ending = client.ended, NOTHING
        elif unfinished:
            client.stop_sending()
            client.read()
            closed, ending = False, NOTHING
        else:
            client.send(last[0])
            client.read()
            closed, ending = False, last[1]
    wire = _SERVERS_DATE.sub(DATE.encode(), client.wire)
    assert client.ended, f"no end within {PATIENCE:g} s: {wire[-200:]!r}"
    found = ending.search(wire)
    assert found is not None, f"the connection was not kept alive: {wire[-200:]!r}"
    return Seen([], wire[: found.start()], closed)


def compared(server: Server, parser: Parser, pieces: Sequence[bytes], *what: object) -> tuple[Exchange, ...]:
    """Both run, counted and compared; what ours shows."""
    exchanges = shown(parser, pieces)
    ours, unfinished = expected_of(exchanges)
    same(TOPIC, ours, served(server, pieces, ours, unfinished=unfinished), parser, *what)
    return exchanges


each_parser = pytest.mark.parametrize("parser", PARSERS)


@each_parser
@pytest.mark.parametrize(("name", "behaviour"), CASES, ids=lambda part: str(part))
def test_a_dry_run_writes_what_a_running_server_writes(
    servers: dict[Parser, Server], parser: Parser, name: str, behaviour: str
) -> None:
    """Every byte but the date, and the fate of the connection."""
    pieces = [piece.replace(b"PATH", behaviour.encode()) for piece in REQUESTS[name]]

    exchanges = compared(servers[parser], parser, pieces, name, behaviour)

    assert exchanges[0].scope is not None
    assert exchanges[0].scope["path"] == f"/{behaviour}"


@each_parser
@pytest.mark.parametrize("name", UNPARSED)
def test_what_is_no_request_gets_the_same_refusal(servers: dict[Parser, Server], parser: Parser, name: str) -> None:
    """Or is taken all the same, where the parser takes it."""
    exchanges = compared(servers[parser], parser, [UNPARSED[name]], name)

    assert all(exchange.response is not None for exchange in exchanges if exchange.verdict is Verdict.REJECTED)


@each_parser
def test_the_server_says_continue_before_the_body_is_sent(servers: dict[Parser, Server], parser: Parser) -> None:
    """Here the client really waits for it: the body is sent when the interim response has come."""
    first, second = (piece.replace(b"PATH", b"echo") for piece in REQUESTS["expect"])

    with servers[parser].connection() as client:
        client.send(first)
        client.read(len(CONTINUE))
        said = client.wire
        client.send(second)
        client.stop_sending()
        client.read()

    assert said == CONTINUE
    assert client.wire.endswith(b"\r\n\r\nhello")
