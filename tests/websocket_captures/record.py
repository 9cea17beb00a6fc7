"""Record what the websockets package's own client sends: python -m tests.websocket_captures.record

A tee on a loopback socket stands between the client and uvicorn with samples.apps.chat; what the client
wrote goes to NAME.bin, what it was answered to NAME.answers. Run by hand; the files are in the repository.
chromium.* and firefox.* were taken with such a tee from Chromium 156 and Firefox 153, driven by a script of their own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
import websockets
from websockets.asyncio.client import ClientConnection, connect

HERE = Path(__file__).parent
Talk = Callable[[ClientConnection], Awaitable[None]]


async def plain(client: ClientConnection) -> None:
    for message in ("hello", "žluťoučký kůň", '{"a": 1, "b": 2}', b"\x00\x01\xff"):
        await client.send(message)
        await client.recv()


async def fragments(client: ClientConnection) -> None:
    await client.send(part for part in ("frag", "men", "ted"))
    await client.recv()
    await (await client.ping(b"are you there"))


async def closed_by_the_server(client: ClientConnection) -> None:
    await client.send("bye")
    with suppress(websockets.ConnectionClosed):
        await client.recv()


async def large(client: ClientConnection) -> None:
    for message in ("x" * 500, "x" * 500, bytes(range(256))):
        await client.send(message)
        await client.recv()


async def closes_with_a_code(client: ClientConnection) -> None:
    await client.close(4001, "enough")


CAPTURES: dict[str, tuple[Talk, dict[str, Any]]] = {
    "plain": (plain, {"compression": None}),
    "deflated": (plain, {"compression": "deflate"}),
    "deflated_large": (large, {"compression": "deflate"}),
    "fragments": (fragments, {"compression": None}),
    "fragments_deflated": (fragments, {"compression": "deflate"}),
    "subprotocol": (plain, {"compression": None, "subprotocols": ["chat", "superchat"]}),
    "closed_by_the_server": (closed_by_the_server, {"compression": None}),
    "closes_with_a_code": (closes_with_a_code, {"compression": None}),
}


async def record(name: str, port: int) -> None:
    talk, options = CAPTURES[name]
    heard, answered = bytearray(), bytearray()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, into: bytearray) -> None:
        while data := await reader.read(65536):
            into += data
            writer.write(data)
        writer.close()

    async def tee(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, upstream_writer, heard), copy(upstream_reader, writer, answered))

    server = await asyncio.start_server(tee, "127.0.0.1", 0)
    at = server.sockets[0].getsockname()[1]
    async with connect(f"ws://127.0.0.1:{at}/chat?room=1", **options) as client:
        await talk(client)
    server.close()
    await asyncio.sleep(0.05)
    (HERE / f"{name}.bin").write_bytes(heard)
    (HERE / f"{name}.answers").write_bytes(answered)


async def main() -> None:
    config = uvicorn.Config("samples.apps.chat:app", port=0, log_level="error", date_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    for name in CAPTURES:
        await record(name, port)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main())
