"""A WSGI application as uvicorn serves it with `--interface wsgi`.

uvicorn takes `a2wsgi.WSGIMiddleware` where that is installed, else an adapter of its own, which is
deprecated. This one gives the same environ and the same messages in the same order, its gaps
included: the iterable is never closed, `start_response` returns no `write`, and SERVER_PORT is an int.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from .asgi import RESPONSE_BODY, RESPONSE_START, Application, Message, Receive, Scope, Send

Environ = dict[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
WSGIApplication = Callable[[Environ, Callable[..., None]], Iterable[bytes]]

WORKERS = 10  # threads that run the application, as many as uvicorn's adapter has


def wrapped(app: Any) -> tuple[Application, str]:
    """`app` as an ASGI 3 application, and what should be known about how that is done."""
    try:
        a2wsgi = importlib.import_module("a2wsgi")
    except ModuleNotFoundError:
        return WSGIAdapter(app), (
            "a2wsgi is not installed, so uvicorn serves this WSGI application with its own adapter, "
            "which is deprecated: pip install a2wsgi"
        )
    return a2wsgi.WSGIMiddleware(app), f"uvicorn serves this WSGI application with a2wsgi {_version(a2wsgi)}"


def _version(module: Any) -> str:
    return str(getattr(module, "__version__", "of unknown version"))


class WSGIAdapter:
    """Calls a WSGI application in a thread for each http scope; any other scope fails, as with uvicorn."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.threads = ThreadPoolExecutor(max_workers=WORKERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, then run the application and pass on what it answers."""
        assert scope["type"] == "http"
        environ = build_environ(scope, await _whole_body(receive))
        loop = asyncio.get_running_loop()
        answer = _Answer(loop)
        running = loop.run_in_executor(self.threads, answer.run, self.app, environ)
        sending = loop.create_task(answer.pass_on(send))
        try:
            await running
        finally:
            answer.queue.put_nowait(None)
            await sending
        if answer.exc_info is not None:
            raise answer.exc_info[1].with_traceback(answer.exc_info[2])


class _Answer:
    """One response on its way from the application's thread to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self.started = False
        self.exc_info: ExcInfo | None = None

    def run(self, app: WSGIApplication, environ: Environ) -> None:
        """In the thread: call the application and put each chunk of its answer into the queue."""
        for chunk in app(environ, self.start_response):
            self._put({"type": RESPONSE_BODY, "body": chunk, "more_body": True})
        self._put({"type": RESPONSE_BODY, "body": b"", "more_body": False})

    def start_response(self, status: str, headers: Iterable[tuple[str, str]], exc_info: ExcInfo | None = None) -> None:
        """The first call starts the response; the last one's `exc_info` is raised when all is sent."""
        self.exc_info = exc_info
        if self.started:
            return
        self.started = True
        code, _ = status.split(" ", 1)
        pairs = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
        self._put({"type": RESPONSE_START, "status": int(code), "headers": pairs})

    async def pass_on(self, send: Send) -> None:
        """In the event loop: send what is in the queue until its end."""
        while (message := await self.queue.get()) is not None:
            await send(message)

    def _put(self, message: Message) -> None:
        self.loop.call_soon_threadsafe(self.queue.put_nowait, message)


async def _whole_body(receive: Receive) -> io.BytesIO:
    """All that is received until a message has no more; a disconnect ends it too."""
    body = io.BytesIO()
    more = True
    while more:
        message = await receive()
        body.write(message.get("body", b""))
        more = message.get("more_body", False)
    body.seek(0)
    return body


def build_environ(scope: Scope, body: io.BytesIO) -> Environ:
    """The WSGI environ (PEP 3333) that uvicorn's adapter makes of `scope`."""
    script_name = _as_wsgi(scope.get("root_path", ""))
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": script_name,
        "PATH_INFO": _as_wsgi(scope["path"]).removeprefix(script_name),
        "QUERY_STRING": scope["query_string"].decode("ascii"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stdout,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
    }
    client = scope.get("client")
    if client is not None:
        environ["REMOTE_ADDR"] = client[0]
    for name, value in scope.get("headers", []):
        key, text = _environ_key(name.decode("latin-1")), value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _as_wsgi(text: str) -> str:
    """PEP 3333's strings: UTF-8 bytes, each shown as one Latin-1 character."""
    return text.encode("utf-8").decode("latin-1")


def _environ_key(name: str) -> str:
    if name in ("content-length", "content-type"):
        return name.upper().replace("-", "_")
    return "HTTP_" + name.upper().replace("-", "_")
