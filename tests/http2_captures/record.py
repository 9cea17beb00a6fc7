"""Record what curl and httpx send over HTTP/2: python -m tests.http2_captures.record

A tee on a loopback socket stands between the client and uvicorn with tests.apps.over_http2. Run by hand; the files are
in the repository.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import uvicorn

HERE = Path(__file__).parent
CAPTURES: dict[str, tuple[str, ...]] = {
    "get": ("URL/hello?name=John",),
    "head": ("-I", "URL/hello"),
    "post": ("-d", "hello", "URL/echo"),
    "form": ("-F", "title=A letter", "-F", "file=@README.md", "URL/upload"),
    "put": ("-T", "README.md", "URL/upload"),
    "large": ("-o", "/dev/null", "URL/large"),
    "trailers": ("-H", "TE: trailers", "URL/trailers"),
    "cookies": ("-b", "a=1; b=2", "-H", "X-Upper: Yes", "URL/%C3%A9?q=%20"),
    "expect": ("-H", "Expect: 100-continue", "-d", "hello", "URL/echo"),
    "fails": ("URL/raises",),
    "long_header": ("-H", "X-Long: " + "long " * 4000 + "end", "URL/hello"),
}


async def curl(name: str, url: str) -> None:
    arguments = [argument.replace("URL", url) for argument in CAPTURES[name]]
    process = await asyncio.create_subprocess_exec(
        "curl", "-sS", "--http2-prior-knowledge", *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    await process.wait()


async def several(name: str, url: str) -> None:
    """Requests on one connection: one, three at once, one left in the middle of its answer, a large one."""
    async with httpx.AsyncClient(http1=False, http2=True) as client:
        await client.get(f"{url}/one", headers={"Cookie": "a=1; b=2"})
        await asyncio.gather(*(client.get(f"{url}/two/{number}") for number in range(3)))
        async with client.stream("GET", f"{url}/large") as response:
            await anext(response.aiter_raw())
        await client.post(f"{url}/joined", content=b"hello" * 20_000)


async def record(name: str, port: int, talk: Callable[[str, str], Awaitable[None]] = curl) -> None:
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
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await talk(name, url)
    server.close()
    await asyncio.sleep(0.1)
    (HERE / f"{name}.bin").write_bytes(heard)
    (HERE / f"{name}.answers").write_bytes(answered)


async def main() -> None:
    config = uvicorn.Config(
        "tests.apps.over_http2:app", port=0, log_level="critical", date_header=False, http="zttp", http2=True
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    for name in CAPTURES:
        await record(name, port)
    await record("httpx", port, several)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main())
