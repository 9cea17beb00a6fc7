"""Applications that do what none should; each is called for one request with a body of five bytes."""

import asyncio
import contextvars
import gc
import io
import logging
import os
import signal
import sys
import threading
import time
import warnings
from contextlib import suppress

import anyio.to_thread

from tests.oracle import Receive, Scope, Send, body, length, read_body, start

# What has to be left running ends when the tests are over.
OVER = threading.Event()


async def answer(send: Send, text: bytes = b"ok") -> None:
    await send(start(200, length(len(text))))
    await send(body(text))


# Blocks the loop


async def spins(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    while True:
        pass


async def sleeps_in_c(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    time.sleep(60)


async def spins_when_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        while True:
            pass


async def spins_after_the_response(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await answer(send)
    while True:
        pass


# Never ends


async def streams_for_ever(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    while True:
        await send(body(b"x", True))


async def streams_for_ever_and_yields(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    while True:
        await send(body(b"x", True))
        await asyncio.sleep(0)


async def streams_whatever_is_raised(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    while True:
        with suppress(BaseException):
            await send(body(b"x", True))


async def never_answers(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.Event().wait()


async def polls(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    while True:
        await asyncio.sleep(0)


async def swallows_cancellation(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)


async def swallows_everything(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    while True:
        with suppress(BaseException):
            await asyncio.sleep(3600)


async def answers_when_the_client_left(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    await answer(send)


async def goes_on_after_the_response(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await answer(send)
    await asyncio.sleep(3600)


async def waits_for_a_thread(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.to_thread(OVER.wait)


# Ends the wrong way


async def exits(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise SystemExit(3)


async def interrupts(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise KeyboardInterrupt


async def exits_in_a_task(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    await asyncio.ensure_future(_exit())


async def exits_in_a_forgotten_task(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start())
    task = asyncio.ensure_future(_exit())
    await asyncio.sleep(3600)
    await task


async def _exit() -> None:
    raise SystemExit(3)


async def stops_the_loop(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    asyncio.get_running_loop().stop()
    await asyncio.sleep(3600)


async def recurses(scope: Scope, receive: Receive, send: Send) -> None:
    def deeper(n: int) -> int:
        return deeper(n + 1) + 1

    await receive()
    deeper(0)


async def runs_out_of_memory(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    bytes(1 << 60)


class Mute(Exception):
    """An exception that cannot be told."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


async def raises_what_cannot_be_told(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise Mute


async def sends_what_cannot_be_told(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(Mute())


async def sends_with_what_cannot_be_told(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({**start(200, length(2)), "more": Mute(), "deep": [{"x": Mute()}]})
    await send(body(b"ok"))


async def raises_a_group(scope: Scope, receive: Receive, send: Send) -> None:
    async def part(number: int) -> None:
        raise ValueError(f"part {number}")

    await receive()
    async with asyncio.TaskGroup() as group:
        group.create_task(part(1))
        group.create_task(part(2))


async def sends_text(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(start(200, length(2)))
    await send(body("ok"))


async def sends_itself(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    message = start(200, length(2))
    message["self"] = message
    await send(message)
    await send(body(b"ok"))


# Leaves something behind


async def leaves_a_thread(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    threading.Thread(target=OVER.wait, name="worker-7").start()
    await answer(send)


async def leaves_a_daemon(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    threading.Thread(target=OVER.wait, name="worker-8", daemon=True).start()
    await answer(send)


async def leaves_a_task(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    task = asyncio.create_task(asyncio.sleep(3600), name="background-poll")
    await answer(send)
    assert not task.done()


async def leaves_a_stubborn_task(scope: Scope, receive: Receive, send: Send) -> None:
    async def goes_on() -> None:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)

    await receive()
    task = asyncio.create_task(goes_on(), name="stubborn")
    await answer(send)
    assert not task.done()


async def leaves_a_generator(scope: Scope, receive: Receive, send: Send) -> None:
    async def numbers() -> object:
        try:
            yield 1
        finally:
            await asyncio.sleep(3600)

    await receive()
    async for _ in numbers():  # type: ignore[attr-defined]  # it is an async generator
        break
    await answer(send)


# Changes what is not its own


async def changes_the_scope(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    scope["headers"].clear()
    scope["asgi"]["version"] = "9"
    scope["path"] = "/changed"
    scope["state"]["seen"] = True
    await answer(send)


async def changes_messages_later(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    message["body"] = b"changed"
    headers = [[b"x-pair", b"1"], length(2)]
    first = {"type": "http.response.start", "status": 200, "headers": headers}
    await send(first)
    headers[0][1] = b"changed"  # type: ignore[index]  # a list, as the spec allows
    headers.append((b"x-late", b"1"))
    first["status"] = 500
    data = bytearray(b"ok")
    last = body(data)
    await send(last)
    data[:] = b"no"
    last.clear()


async def changes_the_process(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    print("printed by", scope["path"])
    os.chdir("/")
    os.environ["HOSTILE"] = "1"
    os.environ.pop("HOME", None)
    sys.path.insert(0, "/hostile")
    warnings.simplefilter("always")
    sys.stdout = sys.stderr = io.StringIO()
    await answer(send)


async def changes_the_interpreter(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *args: None  # type: ignore[assignment]
    sys.setrecursionlimit(5000)
    gc.disable()
    asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *args: None)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    logging.getLogger("hostile").warning("logged %s", scope["path"])
    await answer(send)


async def closes_the_streams(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    sys.stdout.close()
    sys.stderr.close()
    await answer(send)


async def writes_below_python(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    os.write(1, b"\x1b[31mbelow\n")
    print("\x1b[31mabove")
    await answer(send)


# Unusual, and right

asked: contextvars.ContextVar[str] = contextvars.ContextVar("asked", default="nothing")


async def with_context(scope: Scope, receive: Receive, send: Send) -> None:
    """A middleware that sets a context variable, and the application that reads it, in tasks and threads too."""
    asked.set(f"{asked.get()}, {scope['path']}")
    await read_body(receive)
    seen = [
        asked.get(),
        await asyncio.create_task(_asked()),
        await asyncio.to_thread(asked.get),
        await anyio.to_thread.run_sync(asked.get),
    ]
    await answer(send, "; ".join(seen).encode())


async def adds_to_context(scope: Scope, receive: Receive, send: Send) -> None:
    asked.set(f"{asked.get()}, {scope['path']}")
    await read_body(receive)
    await answer(send, asked.get().encode())


async def _asked() -> str:
    return asked.get()


async def tiny_sends(scope: Scope, receive: Receive, send: Send) -> None:
    await read_body(receive)
    await send(start())
    for _ in range(200_000):
        await send(body(b"x", True))
    await send(body())
