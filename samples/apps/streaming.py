"""A response that is not there at once: Starlette sends each piece when it has it.

    asgi-inspect samples/stream.http --app samples.apps.streaming:app

Nobody knows the length when the response starts, so there is no content-length: to an HTTP/1.1
client the server sends chunks, each with its own length; to an HTTP/1.0 client all it can do is
close the connection at the end. Try it with samples/http10.http.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route


async def pieces() -> AsyncIterator[str]:
    """Four lines, a twentieth of a second apart."""
    for number in range(1, 5):
        await asyncio.sleep(0.05)
        yield f"piece {number}\n"


async def stream(request: Request) -> StreamingResponse:
    """The response is returned before its first piece exists."""
    return StreamingResponse(pieces(), media_type="text/plain")


app = Starlette(routes=[Route("/stream", stream), Route("/hello", stream)])
