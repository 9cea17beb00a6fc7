"""Good applications, each made with a framework: to be judged, and to be found in order."""

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

STATIC = Path(mkdtemp(prefix="asgi-inspect-static-"))
(STATIC / "a.txt").write_text("hello\n" * 200)


def starlette() -> Any:
    """Streaming, background work, a middleware of each kind, gzip and static files."""
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    async def plain(request: Request) -> Response:
        return PlainTextResponse("hello " * 200)

    async def stream(request: Request) -> Response:
        async def parts() -> Any:
            for number in range(3):
                yield f"{number}\n"

        return StreamingResponse(parts(), media_type="text/plain")

    async def later(request: Request) -> Response:
        async def work() -> None: ...

        return JSONResponse({"ok": True}, background=BackgroundTask(work))

    async def upload(request: Request) -> Response:
        return JSONResponse({"size": len(await request.body())})

    async def moved(request: Request) -> Response:
        return RedirectResponse("/plain")

    async def nothing(request: Request) -> Response:
        return Response(status_code=204)

    async def passed(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["x-passed"] = "yes"
        return response

    return Starlette(
        routes=[
            Route("/plain", plain),
            Route("/stream", stream),
            Route("/later", later),
            Route("/upload", upload, methods=["POST"]),
            Route("/moved", moved),
            Route("/nothing", nothing),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"]),
            Middleware(GZipMiddleware, minimum_size=100),
            Middleware(BaseHTTPMiddleware, dispatch=passed),
        ],
    )


def fastapi() -> Any:
    """A lifespan with state, validation, a dependency and a stream."""
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from fastapi import Depends, FastAPI, Request
    from fastapi.responses import StreamingResponse

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"greeting": "hello"}

    app = FastAPI(lifespan=lifespan)

    async def greeting(request: Request) -> str:
        return str(request.state.greeting)

    @app.get("/plain")
    async def plain(name: str = "you", word: str = Depends(greeting)) -> dict[str, str]:
        return {word: name}

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a\n", "b\n"]), media_type="text/plain")

    @app.post("/upload")
    async def upload(item: dict[str, int]) -> dict[str, int]:
        return item

    return app


def django() -> Any:
    """Plain and streaming answers, and a body that is read."""
    from django.conf import settings  # type: ignore[import-untyped]

    if not settings.configured:
        settings.configure(DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", USE_TZ=True)
    import django  # type: ignore[import-untyped]
    from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
    from django.http import HttpResponse, JsonResponse, StreamingHttpResponse  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    django.setup()

    async def plain(request: Any) -> Any:
        return HttpResponse("hello", content_type="text/plain")

    async def stream(request: Any) -> Any:
        async def parts() -> Any:
            yield b"a\n"
            yield b"b\n"

        return StreamingHttpResponse(parts(), content_type="text/plain")

    async def upload(request: Any) -> Any:
        return JsonResponse({"size": len(request.body)})

    globals()["urlpatterns"] = [path("plain", plain), path("stream", stream), path("upload", upload)]
    return get_asgi_application()


def litestar() -> Any:
    """Handlers of three kinds."""
    from litestar import Litestar, get, post
    from litestar.response import Stream

    @get("/plain")
    async def plain() -> dict[str, str]:
        return {"hello": "you"}

    @get("/stream")
    async def stream() -> Stream:
        return Stream(iter([b"a\n", b"b\n"]), media_type="text/plain")

    @post("/upload")
    async def upload(data: dict[str, int]) -> dict[str, int]:
        return data

    return Litestar([plain, stream, upload])


def quart() -> Any:
    """Handlers of three kinds."""
    from quart import Quart, request

    app = Quart("shop")

    @app.get("/plain")
    async def plain() -> Any:
        return {"hello": "you"}

    @app.get("/stream")
    async def stream() -> Any:
        async def parts() -> Any:
            yield b"a\n"
            yield b"b\n"

        return parts(), 200, {"content-type": "text/plain"}

    @app.post("/upload")
    async def upload() -> Any:
        return {"size": len(await request.get_data())}

    return app


def falcon() -> Any:
    """Resources of three kinds."""
    import falcon.asgi

    class Plain:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {"hello": "you"}

    class Stream:
        async def on_get(self, req: Any, resp: Any) -> None:
            async def parts() -> Any:
                yield b"a\n"
                yield b"b\n"

            resp.content_type, resp.stream = "text/plain", parts()

    class Upload:
        async def on_post(self, req: Any, resp: Any) -> None:
            resp.media = {"size": len(await req.stream.read())}

    app = falcon.asgi.App()
    for path, resource in (("/plain", Plain()), ("/stream", Stream()), ("/upload", Upload())):
        app.add_route(path, resource)
    return app


def blacksheep() -> Any:
    """Handlers of three kinds."""
    from blacksheep import Application, Content, Request, Response, StreamedContent, get, post

    app = Application()

    @get("/plain")
    async def plain() -> dict[str, str]:
        return {"hello": "you"}

    @get("/stream")
    async def stream() -> Response:
        async def parts() -> Any:
            yield b"a\n"
            yield b"b\n"

        return Response(200, content=StreamedContent(b"text/plain", parts))

    @post("/upload")
    async def upload(request: Request) -> Response:
        return Response(200, content=Content(b"text/plain", b"%d" % len(await request.read() or b"")))

    for handler in (plain, stream, upload):
        assert handler
    return app


FRAMEWORKS: dict[str, Callable[[], Any]] = {
    made.__name__: made for made in (starlette, fastapi, django, litestar, quart, falcon, blacksheep)
}
