"""A real uvicorn on a loopback socket, and a client that sends bytes and keeps what comes back."""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn

PATIENCE = 30.0
"""Seconds that anything here may take on a busy machine."""
QUIET = 0.1
"""Seconds without a byte after which a server that should say no more is taken to be done."""

_DATE = re.compile(rb"\r\ndate: [^\r]*\r\n")


def no_loopback() -> str:
    """Why nothing can listen on 127.0.0.1 here; empty where it can."""
    try:
        with socket.create_server(("127.0.0.1", 0)):
            return ""
    except OSError as error:
        return f"no loopback socket here: {error}"


def undated(wire: bytes) -> bytes:
    """The same bytes with the date that the tests fix."""
    return _DATE.sub(b"\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n", wire)


@contextmanager
def in_thread(app: Any, **config: Any) -> Iterator[int]:
    """uvicorn in a thread, with its lifespan; the port it listens on."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, **{"loop": "asyncio", **config}))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < limit:
        time.sleep(0.005)
    assert server.started, "uvicorn did not start"
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


@contextmanager
def in_process(target: str, *arguments: str) -> Iterator[int]:
    """`python -m uvicorn` as a person starts it; the port it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The socket is handed over, so no other process can take the port in between.
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", target, "--fd", str(listening.fileno()), *arguments],
            cwd=Path(__file__).parent.parent,
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            # Connections wait in the socket's queue until uvicorn accepts them.
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def exchange(port: int, reads: Sequence[bytes], expected: bytes, *, closes: bool) -> tuple[bytes, bool]:
    """Send each read by itself, wait for as many bytes as `expected`, then see what else comes.

    The wire with its dates fixed, and whether the server closed; `closes` says that it is waited for.
    """
    wire = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, data in enumerate(reads):
            if number:
                time.sleep(QUIET / 2)
            with suppress(ConnectionError):  # it has closed already: what it said before is what counts
                client.sendall(data)
        while True:
            client.settimeout(PATIENCE if closes or len(wire) < len(expected) else QUIET)
            try:
                data = client.recv(65536)
            except TimeoutError:
                return undated(wire), False
            except ConnectionError:
                return undated(wire), True
            if not data:
                return undated(wire), True
            wire += data
