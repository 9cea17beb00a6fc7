"""Whether the work for one more request, header, chunk, message or finding stays the same where there are many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from asgi_inspect import inspect

Work = Callable[[int], object]


def requests(count: int) -> object:
    """Pipelined requests without an application, both parsers."""
    return inspect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * count)


def headers(count: int) -> object:
    """Fields of one request, within what httptools takes."""
    fields = b"".join(b"X-%d: y\r\n" % number for number in range(count))
    return inspect(b"GET / HTTP/1.1\r\nHost: x\r\n%b\r\n" % fields, parser="httptools")


def chunks(count: int) -> object:
    """Chunks of one request's body."""
    body = b"5\r\nhello\r\n" * count + b"0\r\n\r\n"
    return inspect(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


def messages(count: int) -> object:
    """Body messages of one response."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        for _ in range(count):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body"})

    return inspect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", app=app, lifespan="off", loop="asyncio")


def findings(count: int) -> object:
    """Requests without a Host, which httptools lets pass and a rule tells of."""
    inspection = inspect(b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n" * count, parser="httptools")
    assert len(inspection.findings) >= count
    return inspection


# How many are few: enough for the work to be more than its beginning.
WORK: dict[str, tuple[Work, int]] = {
    "requests": (requests, 2000),
    "headers": (headers, 300),
    "chunks": (chunks, 5000),
    "messages": (messages, 2000),
    "findings": (findings, 200),
}


def growth_of(work: Work, few: int) -> float:
    """Time for each at ten times `few`, to that at `few`: the median of five pairs."""
    work(few)
    return statistics.median(_seconds(work, 10 * few) / _seconds(work, few) / 10 for _ in range(5))


def _seconds(work: Work, count: int) -> float:
    began = time.process_time()
    work(count)
    return time.process_time() - began
