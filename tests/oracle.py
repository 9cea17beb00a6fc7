"""What uvicorn itself does with raw bytes: its own protocol classes over a transport that lives in memory.

Nothing of uvicorn is replaced. The transport does what asyncio's `_SelectorSocketTransport` does in Python 3.11, and
the event loop is asyncio's own; only its selector knows when everything waits, and lets the next bytes arrive then.

Arrival: the next read comes when the loop has nothing left to do. An application that sleeps counts as waiting, and
its clock stands still while there is something to deliver, so which read it sees first never depends on this machine.
After the last read the client leaves, unless an application still owes an answer to a whole request and waits for a
timer. While reading is paused the client's leaving cannot be seen, as on a real socket.
"""

import asyncio
import copy
import inspect
import logging
import selectors
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from uvicorn.config import Config
from uvicorn.protocols.http.auto_zttp_impl import AutoZttpProtocol
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[Any]]
Parser = Literal["h11", "httptools", "zttp"]

PARSERS: tuple[Parser, ...] = ("h11", "httptools")
CLIENT = ("127.0.0.1", 12345)
SERVER = ("127.0.0.1", 8000)
DEFAULT_HEADERS = [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT"), (b"server", b"uvicorn")]
WALL_CLOCK = 5.0

_PROTOCOLS: dict[str, type[asyncio.Protocol]] = {
    "h11": H11Protocol,
    "httptools": HttpToolsProtocol,
    "zttp": AutoZttpProtocol,  # as --http zttp --http2 has it
}


@dataclass
class Call:
    """One call of the application."""

    scope: dict[str, Any]
    """A deep copy, taken when the application was called."""
    scope_after: dict[str, Any] = field(default_factory=dict)
    """A deep copy, taken when the application ended, or at the end of the run."""
    received: list[dict[str, Any]] = field(default_factory=list)
    sends: list[tuple[str, str | None]] = field(default_factory=list)
    """The message type and, where `send()` raised, "TypeName: text"."""
    raised: str | None = None
    finished: bool = False


@dataclass
class Observed:
    """What one connection came to."""

    calls: list[Call]
    wire: bytes
    closed: bool
    """The server closed the connection before the client left."""
    errors: list[str] = field(default_factory=list)
    """What escaped from the protocol's own methods into asyncio."""
    timed_out: bool = False
    """The run was cut off by the wall clock; it says nothing about uvicorn then."""


async def reads_then_answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads to the last body message, then answers 200 with nothing; returns silently when the client has left."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body", False):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def observe(
    parser: Parser,
    reads: Sequence[bytes],
    app: App | Callable[[], App] = reads_then_answers,
    *,
    root_path: str = "",
    **config: Any,
) -> Observed:
    """Deliver `reads` to uvicorn with `parser` and `app`, and tell what the application saw and the client got.

    `app` is an ASGI application, or a callable without arguments that makes one. `config` goes to `uvicorn.Config`,
    whose defaults are uvicorn's but for `lifespan="off"` and loggers that write nowhere.
    """
    with _silent_loggers():
        return _Run(parser, reads, _made(app), root_path=root_path, **config).finish()


def _made(app: App | Callable[[], App]) -> App:
    try:
        inspect.signature(app).bind()
    except TypeError:
        return cast(App, app)
    return cast(Callable[[], App], app)()


@contextmanager
def _silent_loggers() -> Iterator[None]:
    """Set uvicorn's loggers as its default configuration does, but let them write nowhere.

    The access log stays on: building its line can raise inside `send()`, and that belongs to what uvicorn does.
    """
    levels = {"uvicorn": logging.INFO, "uvicorn.error": logging.INFO, "uvicorn.access": logging.INFO}
    before = []
    for name, level in levels.items():
        logger = logging.getLogger(name)
        before.append((logger, logger.level, logger.handlers, logger.propagate, logger.disabled))
        logger.setLevel(level)
        logger.handlers = [] if name == "uvicorn.error" else [logging.NullHandler()]
        logger.propagate = name == "uvicorn.error"
        logger.disabled = False
    try:
        yield
    finally:
        for logger, level, handlers, propagate, disabled in before:
            logger.setLevel(level)
            logger.handlers, logger.propagate, logger.disabled = handlers, propagate, disabled


class _Selector(selectors.DefaultSelector):
    """Asks the run what to do whenever the loop would otherwise sleep."""

    run: "_Run | None" = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.run is None:
            return super().select(timeout)
        if time.monotonic() > self.run.deadline:
            self.run.cut_off()
            return []
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if not self.run.goes_on():
            return []
        left = max(0.0, self.run.deadline - time.monotonic())
        timeout = left if timeout is None else min(timeout, left)
        start = time.monotonic()
        events = super().select(timeout)
        elapsed = time.monotonic() - start
        # epoll rounds; without events the whole time has passed, or the timer would need another turn.
        self.run.loop.now += elapsed if events else max(elapsed, timeout)
        return events


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose clock moves only while the loop sleeps."""

    now = 0.0

    def time(self) -> float:
        return self.now


class _Transport(asyncio.Transport):
    """asyncio's selector socket transport, with a client that takes every byte at once and no socket."""

    def __init__(self, run: "_Run", protocol: asyncio.BaseProtocol) -> None:
        super().__init__({"peername": CLIENT, "sockname": SERVER})
        self._run = run
        self._loop = run.loop
        self._protocol: Any = protocol
        self._closing = False
        self._paused = False
        self._conn_lost = 0
        self._eof = False
        self._loop.call_soon(protocol.connection_made, self)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return cast(asyncio.BaseProtocol, self._protocol)

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return not self._paused and not self._closing

    def pause_reading(self) -> None:
        if not self._closing:
            self._paused = True

    def resume_reading(self) -> None:
        if not self._closing:
            self._paused = False

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: Any) -> None:
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        if self._eof:
            raise RuntimeError("Cannot call write() after write_eof()")
        if data and not self._conn_lost:
            self._run.wire += data

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self._closing:
            self._eof = True

    def close(self) -> None:
        if not self._closing:
            self._lose(None)

    def abort(self) -> None:
        self._force_close(None)

    def data_arrives(self, data: bytes) -> None:
        """What the reader callback does with bytes from the socket."""
        if self._conn_lost:
            return
        try:
            self._protocol.data_received(data)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as exc:
            self._fatal_error(exc)

    def client_leaves(self) -> None:
        """What the reader callback does with the end of the stream."""
        if self._conn_lost:
            return
        self._run.client_left = True
        try:
            keep_open = self._protocol.eof_received()
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as exc:
            self._fatal_error(exc)
            return
        if not keep_open:
            self.close()

    def _fatal_error(self, exc: BaseException) -> None:
        self._run.errors.append(_told(exc))
        self._force_close(exc)

    def _force_close(self, exc: BaseException | None) -> None:
        if not self._conn_lost:
            self._lose(exc)

    def _lose(self, exc: BaseException | None) -> None:
        self._closing = True
        self._conn_lost += 1
        if not self._run.client_left:
            self._run.closed = True
        self._loop.call_soon(self._call_connection_lost, exc)

    def _call_connection_lost(self, exc: BaseException | None) -> None:
        try:
            self._protocol.connection_lost(exc)
        except Exception as error:
            self._run.errors.append(_told(error))
        finally:
            self._protocol = None


class _Run:
    """One connection from its first read to its end."""

    def __init__(self, parser: Parser, reads: Sequence[bytes], app: App, **config: Any) -> None:
        self.reads = deque(data for data in reads if data)
        self.app = app
        self.calls: list[Call] = []
        self.cycles: list[Any] = []
        self.wire = bytearray()
        self.errors: list[str] = []
        self.closed = False
        self.client_left = False
        self.timed_out = False
        self.over = False
        self.deadline = time.monotonic() + WALL_CLOCK
        self.selector = _Selector()
        self.loop = _Loop(self.selector)
        self.loop.set_exception_handler(lambda loop, context: None)

        async def application(scope: Scope, receive: Receive, send: Send) -> Any:
            # A function, for uvicorn takes a bound method for ASGI 2.
            return await self.recorded(scope, receive, send)

        options = {"log_config": None, "lifespan": "off", **config}
        self.config = Config(application, http=_PROTOCOLS[parser], **options)
        self.config.load()
        self.state = ServerState()
        self.state.default_headers = list(DEFAULT_HEADERS)

    def finish(self) -> Observed:
        """Run to the end."""
        try:
            self.loop.call_soon(self._connect)
            self.selector.run = self
            self.loop.run_forever()
            self.over = True
            for call, (_, scope) in zip(self.calls, self.cycles, strict=True):
                if not call.finished:
                    call.scope_after = copy.deepcopy(dict(scope))
            observed = Observed(self.calls, bytes(self.wire), self.closed, self.errors, self.timed_out)
        finally:
            self.over = True
            self.selector.run = None
            self._clear_away()
        return observed

    def _connect(self) -> None:
        protocol = cast(Any, self.config.http_protocol_class)(
            config=self.config, server_state=self.state, app_state={}, _loop=self.loop
        )
        self.transport = _Transport(self, protocol)

    def _clear_away(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            # The loop's own clock stands still here, so its turns are counted instead.
            for _ in range(50):
                self.loop.call_soon(self.loop.stop)
                self.loop.run_forever()
        with suppress(Exception):
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    async def recorded(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """Call the application and write down what it does, until the run is over."""
        call = Call(copy.deepcopy(dict(scope)))
        self.calls.append(call)
        self.cycles.append((getattr(receive, "__self__", None), scope))

        async def recorded_receive() -> Message:
            message = await receive()
            if not self.over:
                call.received.append(copy.deepcopy(dict(message)))
            return message

        async def recorded_send(message: Any) -> None:
            error = None
            try:
                await send(message)
            except BaseException as exc:
                error = _told(exc)
                raise
            finally:
                if not self.over:
                    call.sends.append((_type_of(message), error))

        try:
            return await self.app(scope, recorded_receive, recorded_send)
        except BaseException as exc:
            if not self.over:
                call.raised = _told(exc)
            raise
        finally:
            if not self.over:
                call.scope_after = copy.deepcopy(dict(scope))
                call.finished = True

    # What happens when the loop has nothing to do

    def goes_on(self) -> bool:
        """Let the next thing arrive. True where the loop has to wait for real time to pass first."""
        timers = self._an_app_sleeps()
        if self.transport.is_reading():
            if self.reads and not self._a_handshake_waits():
                self.loop.call_soon(self.transport.data_arrives, self.reads.popleft())
                return False
            if not (timers and self._an_answer_is_owed()):
                self.loop.call_soon(self.transport.client_leaves)
                return False
        if timers:
            return True
        if self.transport.is_closing():
            self.loop.stop()
        else:
            self.client_left = True
            self.transport.abort()
        return False

    def _a_handshake_waits(self) -> bool:
        """A WebSocket client sends no frame before its handshake is answered."""
        protocol = self.transport.get_protocol()
        return isinstance(protocol, WebSocketsSansIOProtocol) and (
            protocol.handshake_initiated and not protocol.handshake_complete
        )

    def cut_off(self) -> None:
        """Stop: the wall clock's bound is reached."""
        self.timed_out = True
        self.loop.stop()

    def _an_app_sleeps(self) -> bool:
        """Whether an unfinished application waits for a timer that is not one of uvicorn's own."""
        if all(call.finished for call in self.calls):
            return False
        scheduled = cast(Any, self.loop)._scheduled
        return any(not handle.cancelled() and not _is_the_servers(handle) for handle in scheduled)

    def _an_answer_is_owed(self) -> bool:
        for call, (cycle, _) in zip(self.calls, self.cycles, strict=True):
            if call.finished:
                continue
            if not hasattr(cycle, "response_complete"):
                return True
            if not cycle.more_body and not cycle.response_complete:
                return True
        return False


def _is_the_servers(handle: Any) -> bool:
    owner = type(getattr(handle._callback, "__self__", None))
    return owner is _Transport or owner.__module__.startswith("uvicorn.")


def _told(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {exc}"


def _type_of(message: Any) -> str:
    return str(message.get("type", "")) if isinstance(message, dict) else type(message).__name__


# Applications, well and badly behaved

START = "http.response.start"
BODY = "http.response.body"


class Boom(Exception):
    """What the applications here raise."""


async def read_body(receive: Receive) -> bytes | None:
    """The whole body, or None when the client left before its end."""
    data = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        data += cast(bytes, message["body"])
        if not message["more_body"]:
            return data


def start(status: Any = 200, *headers: Any) -> dict[str, Any]:
    return {"type": START, "status": status, "headers": list(headers)}


def body(data: Any = b"", more: bool = False) -> dict[str, Any]:
    return {"type": BODY, "body": data, "more_body": more}


def length(count: int) -> tuple[bytes, bytes]:
    return (b"content-length", str(count).encode())


def sends(*messages: Any, reads: bool = True) -> App:
    """An application that reads the body (unless told not to) and sends these messages, one after another."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if reads and await read_body(receive) is None:
            return
        for message in messages:
            await send(message)

    return app


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    if (data := await read_body(receive)) is not None:
        await send(start(200, (b"content-type", b"application/octet-stream"), length(len(data))))
        await send(body(data))


async def echo_as_it_comes(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
        await send(body(message.get("body", b""), more))


async def head_aware(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    await send(start(200, length(5)))
    await send(body(b"" if scope["method"] == "HEAD" else b"hello"))


async def raise_before_start(scope: Scope, receive: Receive, send: Send) -> None:
    raise Boom("before the start")


async def raise_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    raise Boom("after the start")


async def raise_mid_body(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    await send(start())
    await send(body(b"half", True))
    raise Boom("in the middle")


async def raise_mid_body_with_length(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(200, length(10)))
    await send(body(b"half", True))
    raise Boom("in the middle")


async def raise_after_end(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    await send(start(200, length(2)))
    await send(body(b"ok"))
    raise Boom("after the end")


async def raise_base_exception(scope: Scope, receive: Receive, send: Send) -> None:
    raise BaseException("not an Exception")


async def return_without_answer(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)


async def returns_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    return


async def returns_value_only(scope: Scope, receive: Receive, send: Send) -> str:
    await read_body(receive)
    return "a value"


async def returns_value_after_answer(scope: Scope, receive: Receive, send: Send) -> str:
    await read_body(receive)
    await send(start(200, length(2)))
    await send(body(b"ok"))
    return "a value"


async def reads_until_disconnect(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def answers_then_reads(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(200, length(2)))
    await send(body(b"ok"))
    await receive()
    await receive()


async def starts_then_reads(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(200, length(2)))
    await read_body(receive)
    await send(body(b"ok"))


async def reads_once_then_answers(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start(200, length(2)))
    await send(body(b"ok"))


async def answers_after_disconnect(scope: Scope, receive: Receive, send: Send) -> None:
    await reads_until_disconnect(scope, receive, send)
    await send(start(200, length(2)))
    await send(body(b"ok"))


async def slow_reader(scope: Scope, receive: Receive, send: Send) -> None:
    more = True
    size = 0
    while more:
        await asyncio.sleep(0.01)
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
    await send(start())
    await send(body(str(size).encode()))


async def slow_answer(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    await send(start())
    for part in (b"one", b"two"):
        await asyncio.sleep(0.01)
        await send(body(part, True))
    await asyncio.sleep(0.01)
    await send(body())


async def yields_between(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(0)
    await read_body(receive)
    await asyncio.sleep(0)
    await send(start())
    await asyncio.sleep(0)
    await send(body(b"ok"))
    await asyncio.sleep(0)


async def two_concurrent_receives(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.gather(receive(), receive())
    await send(start(200, length(2)))
    await send(body(b"ok"))


async def listens_for_disconnect(scope: Scope, receive: Receive, send: Send) -> None:
    """As Starlette's StreamingResponse: streams while another task waits in receive()."""
    if await read_body(receive) is None:
        return
    listener = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    await send(start())
    await send(body(b"streamed", True))
    await send(body())
    await listener


async def cancels_itself(scope: Scope, receive: Receive, send: Send) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


async def swallow_send_error(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    with suppress(Exception):
        await send(body(b"too early"))
    await send(start(200, length(2)))
    with suppress(Exception):
        await send(start(500))
    with suppress(Exception):
        await send(body(b"too long"))
    await send(body(b"ok"))
    with suppress(Exception):
        await send(body(b"too late"))


async def swallow_bad_start(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    with suppress(Exception):
        await send(start(200, (b"bad name", b"1")))
    with suppress(Exception):
        await send(start(200, length(2)))
    with suppress(Exception):
        await send(body(b"ok"))


async def mutates_scope(scope: Scope, receive: Receive, send: Send) -> None:
    scope["headers"].append((b"connection", b"close"))
    scope["headers"].insert(0, (b"x-app", b"1"))
    scope["path"] = "/changed"
    scope["method"] = "HEAD"
    scope["state"]["seen"] = True
    await read_body(receive)
    await send(start(200, length(5)))
    await send(body(b"hello"))


async def empties_scope(scope: Scope, receive: Receive, send: Send) -> None:
    del scope["path"]
    await read_body(receive)
    await send(start(200, length(2)))
    await send(body(b"ok"))


async def mutates_messages(scope: Scope, receive: Receive, send: Send) -> None:
    (await receive()).clear()
    headers = [length(2)]
    await send({"type": START, "status": 200, "headers": headers})
    headers.append((b"x-late", b"1"))
    await send(body(b"ok"))


async def headers_generator(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    await send({"type": START, "status": 200, "headers": (pair for pair in [length(2)])})
    await send(body(b"ok"))


_OK = (start(200, length(2)), body(b"ok"))
_CHUNKED = (b"transfer-encoding", b"chunked")

BEHAVIOURS: dict[str, App] = {
    "reads_then_answers": reads_then_answers,
    # Answers that are right
    "echo": echo,
    "echo_as_it_comes": echo_as_it_comes,
    "ok": sends(*_OK),
    "stream": sends(start(), body(b"one,", True), body(b"two,", True), body(b"three")),
    "stream_with_length": sends(start(200, length(6)), body(b"one", True), body(b"two", True), body()),
    "stream_empty_chunks": sends(start(), body(b"", True), body(b"a", True), body(b"", True), body()),
    "no_length_single": sends(start(), body(b"hello")),
    "no_length_empty": sends(start(), body()),
    "empty": sends(start(204), body()),
    "reset_content": sends(start(205), body()),
    "redirect": sends(start(307, (b"location", b"/elsewhere"), length(0)), body()),
    "head_aware": head_aware,
    "large": sends(start(200, length(200_000)), body(b"x" * 100_000, True), body(b"y" * 100_000)),
    "large_chunked": sends(start(), *[body(b"z" * 5_000, True)] * 40, body()),
    "two_cookies": sends(start(200, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), length(0)), body()),
    "reads_nothing": sends(*_OK, reads=False),
    "reads_once_then_answers": reads_once_then_answers,
    "starts_then_reads": starts_then_reads,
    "answers_then_reads": answers_then_reads,
    "yields_between": yields_between,
    "slow_reader": slow_reader,
    "slow_answer": slow_answer,
    "listens_for_disconnect": listens_for_disconnect,
    # Lengths that are wrong
    "length_short": sends(start(200, length(10)), body(b"short")),
    "length_short_streamed": sends(start(200, length(10)), body(b"short", True), body()),
    "length_long": sends(start(200, length(2)), body(b"too long")),
    "length_long_streamed": sends(start(200, length(4)), body(b"one", True), body(b"two", True), body()),
    "length_twice": sends(start(200, length(2), length(2)), body(b"ok")),
    "length_conflict": sends(start(200, length(2), length(3)), body(b"ok")),
    "length_invalid": sends(start(200, (b"content-length", b"abc")), body(b"ok")),
    "length_negative": sends(start(200, (b"content-length", b"-1")), body(b"ok")),
    "length_plus": sends(start(200, (b"content-length", b"+2")), body(b"ok")),
    "length_underscore": sends(start(200, (b"content-length", b"1_0")), body(b"0123456789")),
    "length_list": sends(start(200, (b"content-length", b"2, 2")), body(b"ok")),
    "length_empty_value": sends(start(200, (b"content-length", b"")), body(b"ok")),
    "length_and_chunked": sends(start(200, length(2), _CHUNKED), body(b"ok")),
    "chunked_and_length": sends(start(200, _CHUNKED, length(2)), body(b"ok")),
    "s204_with_body": sends(start(204), body(b"no")),
    "s204_with_length": sends(start(204, length(2)), body(b"no")),
    "s204_with_length_zero": sends(start(204, length(0)), body()),
    "s304_with_length": sends(start(304, length(5)), body()),
    "s304_with_body": sends(start(304), body(b"no")),
    # Headers of its own
    "te_chunked_own": sends(start(200, _CHUNKED), body(b"hello")),
    "te_chunked_own_streamed": sends(start(200, _CHUNKED), body(b"hel", True), body(b"lo")),
    "te_gzip_own": sends(start(200, (b"transfer-encoding", b"gzip")), body(b"hello")),
    "te_identity_own": sends(start(200, (b"transfer-encoding", b"identity")), body(b"hello")),
    "connection_close": sends(start(200, (b"connection", b"close"), length(2)), body(b"ok")),
    "connection_close_upper": sends(start(200, (b"Connection", b"Close"), length(2)), body(b"ok")),
    "connection_close_in_list": sends(start(200, (b"connection", b"foo, close"), length(2)), body(b"ok")),
    "connection_keep_alive": sends(start(200, (b"connection", b"keep-alive"), length(2)), body(b"ok")),
    "connection_upgrade": sends(start(200, (b"connection", b"upgrade"), length(2)), body(b"ok")),
    "own_date_server": sends(start(200, (b"date", b"mine"), (b"server", b"mine"), length(2)), body(b"ok")),
    "header_upper": sends(start(200, (b"Content-Length", b"2"), (b"X-Upper", b"A")), body(b"ok")),
    "header_empty_value": sends(start(200, (b"x-empty", b""), length(2)), body(b"ok")),
    "header_latin1": sends(start(200, (b"x-name", "é".encode("latin-1")), length(2)), body(b"ok")),
    "header_utf8": sends(start(200, (b"x-name", "é".encode()), length(2)), body(b"ok")),
    "header_padded": sends(start(200, (b"x-padded", b"  padded  "), length(2)), body(b"ok")),
    "header_tab": sends(start(200, (b"x-tab", b"a\tb"), length(2)), body(b"ok")),
    "header_lists": sends(start(200, [b"x-list", b"1"], [b"content-length", b"2"]), body(b"ok")),
    "header_bytearrays": sends(start(200, (bytearray(b"x-array"), bytearray(b"1")), length(2)), body(b"ok")),
    "header_str": sends(start(200, ("x-text", "1"), length(2)), body(b"ok")),
    "header_str_value": sends(start(200, (b"x-text", "1"), length(2)), body(b"ok")),
    "header_int_value": sends(start(200, (b"content-length", 2)), body(b"ok")),
    "header_three_parts": sends(start(200, (b"x-three", b"1", b"2")), body(b"ok")),
    "header_none": sends(start(200, None), body(b"ok")),
    "bad_header_name": sends(start(200, (b"bad name", b"1"), length(2)), body(b"ok")),
    "bad_header_name_empty": sends(start(200, (b"", b"1"), length(2)), body(b"ok")),
    "bad_header_name_colon": sends(start(200, (b":status", b"200"), length(2)), body(b"ok")),
    "bad_header_name_latin1": sends(start(200, (b"x-\xe9", b"1"), length(2)), body(b"ok")),
    "bad_header_value": sends(start(200, (b"x-bad", b"a\r\nx-injected: 1"), length(2)), body(b"ok")),
    "bad_header_value_nul": sends(start(200, (b"x-bad", b"a\x00b"), length(2)), body(b"ok")),
    "bad_header_value_del": sends(start(200, (b"x-bad", b"a\x7fb"), length(2)), body(b"ok")),
    "headers_none": sends({"type": START, "status": 200, "headers": None}, body(b"ok")),
    "headers_missing": sends({"type": START, "status": 200}, body(b"ok")),
    "headers_dict": sends({"type": START, "status": 200, "headers": {b"x-a": b"1"}}, body(b"ok")),
    "headers_tuple": sends({"type": START, "status": 200, "headers": (length(2),)}, body(b"ok")),
    "headers_generator": headers_generator,
    # Statuses
    "status_missing": sends({"type": START, "headers": []}, body(b"ok")),
    "status_0": sends(start(0), body(b"ok")),
    "status_100": sends(start(100), body()),
    "status_101": sends(start(101), body()),
    "status_103": sends(start(103), body()),
    "status_199": sends(start(199), body()),
    "status_299": sends(start(299, length(2)), body(b"ok")),
    "status_599": sends(start(599, length(2)), body(b"ok")),
    "status_600": sends(start(600), body(b"ok")),
    "status_str": sends(start("200", length(2)), body(b"ok")),
    "status_float": sends(start(200.0, length(2)), body(b"ok")),
    "status_bool": sends(start(True, length(2)), body(b"ok")),
    "status_none": sends(start(None, length(2)), body(b"ok")),
    # Bodies of other types
    "body_str": sends(start(200, length(2)), body("ok")),
    "body_str_chunked": sends(start(), body("ok")),
    "body_none": sends(start(200, length(0)), body(None)),
    "body_none_chunked": sends(start(), body(None)),
    "body_missing": sends(start(200, length(0)), {"type": BODY}),
    "body_bytearray": sends(start(200, length(2)), body(bytearray(b"ok"))),
    "body_bytearray_chunked": sends(start(), body(bytearray(b"ok"))),
    "body_memoryview": sends(start(200, length(2)), body(memoryview(b"ok"))),
    "body_list": sends(start(200, length(2)), body([b"o", b"k"])),
    "body_int": sends(start(200, length(2)), body(2)),
    "more_body_text": sends(start(), {"type": BODY, "body": b"a", "more_body": "no"}, body(b"b")),
    "more_body_none": sends(start(), {"type": BODY, "body": b"a", "more_body": None}),
    # Messages out of order, and messages of other kinds
    "body_before_start": sends(body(b"ok"), start()),
    "start_twice": sends(start(200, length(2)), start(200, length(2)), body(b"ok")),
    "send_after_end": sends(*_OK, body(b"again")),
    "start_after_end": sends(*_OK, start(200)),
    "unfinished_body": sends(start(), body(b"half", True)),
    "unfinished_body_with_length": sends(start(200, length(10)), body(b"half", True)),
    "unknown_message": sends(start(), {"type": "http.response.unknown"}),
    "unknown_message_first": sends({"type": "http.response.unknown"}),
    "message_without_type": sends({"status": 200, "headers": []}),
    "message_without_type_later": sends(start(), {"body": b"ok"}),
    "message_none": sends(None),
    "message_text": sends("http.response.start"),
    "early_hint": sends({"type": "http.response.early_hint", "links": []}, *_OK),
    "push": sends({"type": "http.response.push", "path": "/a", "headers": []}, *_OK),
    "debug_message": sends({"type": "http.response.debug", "info": {}}, *_OK),
    "pathsend": sends(start(), {"type": "http.response.pathsend", "path": "/dev/null"}),
    "zerocopysend": sends(start(), {"type": "http.response.zerocopysend", "file": 0}),
    "trailers_message": sends(
        {"type": START, "status": 200, "headers": [], "trailers": True},
        body(b"ok"),
        {"type": "http.response.trailers", "headers": [(b"x-t", b"1")]},
    ),
    "trailers_before_end": sends(start(), {"type": "http.response.trailers", "headers": []}, body(b"ok")),
    "websocket_message": sends({"type": "websocket.accept"}),
    # Ends that come too soon, or not at all
    "raise_before_start": raise_before_start,
    "raise_after_start": raise_after_start,
    "raise_mid_body": raise_mid_body,
    "raise_mid_body_with_length": raise_mid_body_with_length,
    "raise_after_end": raise_after_end,
    "raise_base_exception": raise_base_exception,
    "return_without_answer": return_without_answer,
    "return_after_start": sends(start()),
    "returns_at_once": returns_at_once,
    "returns_value_only": returns_value_only,
    "returns_value_after_answer": returns_value_after_answer,
    "reads_until_disconnect": reads_until_disconnect,
    "answers_after_disconnect": answers_after_disconnect,
    "two_concurrent_receives": two_concurrent_receives,
    "cancels_itself": cancels_itself,
    # What is done to send() errors, the scope and the messages
    "swallow_send_error": swallow_send_error,
    "swallow_bad_start": swallow_bad_start,
    "mutates_scope": mutates_scope,
    "empties_scope": empties_scope,
    "mutates_messages": mutates_messages,
}
