"""Small real applications, one function for each framework that makes a new one.

For Django this module is the settings too, and the root of the URLs.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import falcon
import falcon.asgi
from blacksheep import Application as BlackSheep
from blacksheep import Content, FromJSON
from blacksheep import Response as BlackSheepResponse
from blacksheep.server.routing import Router
from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse  # type: ignore[import-untyped]
from django.urls import path  # type: ignore[import-untyped]
from fastapi import FastAPI, Form, Request
from flask import Flask
from flask import request as flask_request
from litestar import Litestar, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream
from pydantic import BaseModel, Field
from quart import Quart
from quart import request as quart_request
from starlette.applications import Starlette
from starlette.background import BackgroundTasks
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.responses import JSONResponse as StarletteJSON
from starlette.routing import Mount, Route
from uvicorn.middleware.asgi2 import ASGI2Middleware
from uvicorn.middleware.wsgi import WSGIMiddleware  # type: ignore[attr-defined]  # it is there, and not exported

from tests.oracle import App, Receive, Scope, Send

# FastAPI


class Order(BaseModel):
    item: str = Field(min_length=1)
    quantity: int = Field(gt=0)


def fastapi_app() -> FastAPI:
    """A shop whose lifespan opens a database, which requests find in their state."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        database = sqlite3.connect(":memory:", check_same_thread=False)
        database.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, item TEXT, quantity INTEGER)")
        yield {"database": database}
        database.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/hello")
    async def hello(name: str = "world") -> dict[str, str]:
        return {"message": f"Hello {name}"}

    @app.post("/orders", status_code=201)
    async def order(order: Order, request: Request) -> dict[str, Any]:
        insert = "INSERT INTO orders (item, quantity) VALUES (?, ?)"
        number = request.state.database.execute(insert, (order.item, order.quantity)).lastrowid
        return {"number": number, "item": order.item}

    @app.get("/orders")
    def orders(request: Request) -> dict[str, Any]:
        """Not async: FastAPI runs it in its thread pool."""
        rows = request.state.database.execute("SELECT item, quantity FROM orders ORDER BY number").fetchall()
        return {"orders": rows}

    @app.get("/thread")
    def thread() -> str:
        return threading.current_thread().name

    @app.post("/form")
    async def form(item: str = Form(), quantity: int = Form()) -> list[Any]:
        return [item, quantity]

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError("no such thing")

    return app


# Starlette


FILE = Path(__file__)


class Stamp(BaseHTTPMiddleware):
    """Reads the whole answer's head and adds to it."""

    async def dispatch(self, request: StarletteRequest, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["x-stamp"] = request.method
        return response


def starlette_app() -> Starlette:
    """Each kind of response; `state.done` tells what ran behind one."""

    async def stream(request: StarletteRequest) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            for number in range(3):
                yield b"part %d\n" % number
                await asyncio.sleep(0)

        return StreamingResponse(parts(), media_type="text/plain")

    async def background(request: StarletteRequest) -> Response:
        done: list[str] = request.app.state.done

        async def on_the_loop(word: str) -> None:
            await asyncio.sleep(0.01)
            done.append(word)

        tasks = BackgroundTasks()
        tasks.add_task(on_the_loop, "first")
        tasks.add_task(done.append, "second, in a thread")
        return PlainTextResponse("accepted", status_code=202, background=tasks)

    async def upload(request: StarletteRequest) -> Response:
        size = 0
        async for part in request.stream():
            size += len(part)
        return StarletteJSON({"size": size})

    async def forbidden(request: StarletteRequest) -> Response:
        raise HTTPException(403, "not for you", headers={"x-why": "because"})

    async def file(request: StarletteRequest) -> Response:
        return FileResponse(FILE, filename="apps.py", media_type="text/plain")

    routes = [
        Route("/stream", stream),
        Route("/background", background, methods=["POST"]),
        Route("/upload", upload, methods=["POST"]),
        Route("/forbidden", forbidden),
        Route("/file", file),
    ]
    app = Starlette(routes=routes)
    app.state.done = []
    return app


def starlette_middleware_app() -> Starlette:
    """A middleware of each kind around a counter in the session, and an application mounted below."""

    async def count(request: StarletteRequest) -> Response:
        request.session["visits"] = visits = request.session.get("visits", 0) + 1
        return StarletteJSON({"visits": visits})

    async def where(request: StarletteRequest) -> Response:
        scope = request.scope
        return StarletteJSON([scope["root_path"], scope["path"], str(request.url_for("sub:where"))])

    async def long(request: StarletteRequest) -> Response:
        return PlainTextResponse("all work and no play " * 100)

    return Starlette(
        routes=[
            Route("/count", count),
            Route("/long", long),
            Mount("/sub", routes=[Route("/where", where, name="where")], name="sub"),
        ],
        middleware=[
            Middleware(Stamp),
            Middleware(GZipMiddleware, minimum_size=500),
            Middleware(SessionMiddleware, secret_key="secret"),
        ],
    )


# Django

SECRET_KEY = "secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
LOGGING_CONFIG = None


async def django_hello(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"hello": request.GET.get("name", "world")})


def django_upper(request: HttpRequest) -> HttpResponse:
    """Not async: Django runs it in a thread."""
    response = HttpResponse(request.body.upper(), content_type="text/plain")
    response.set_cookie("seen", "yes", httponly=True)
    return response


async def django_stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(two_parts(), content_type="text/plain")


urlpatterns = [path("hello/", django_hello), path("upper/", django_upper), path("stream/", django_stream)]


def django_app() -> App:
    app: App = get_asgi_application()
    return app


async def two_parts() -> AsyncIterator[bytes]:
    yield b"one,"
    yield b"two"


# Litestar


@dataclass
class Item:
    name: str
    price: int


def litestar_app() -> Litestar:
    started: list[str] = []

    @get("/hello")
    async def hello(name: Annotated[str, QueryParameter()] = "world") -> dict[str, Any]:
        return {"hello": name, "started": started}

    @post("/items")
    async def create(data: JSONBody[Item]) -> Item:
        return Item(data.name.title(), data.price)

    @get("/stream", media_type="text/plain")
    async def stream() -> Stream:
        return Stream(two_parts(), media_type="text/plain")

    async def on_startup() -> None:
        started.append("yes")

    return Litestar([hello, create, stream], on_startup=[on_startup], openapi_config=None, logging_config=None)


# Quart


def quart_app() -> Quart:
    app = Quart("shop")
    started: list[str] = []

    @app.before_serving
    async def start() -> None:
        started.append("yes")

    @app.get("/hello")
    async def hello() -> Any:
        return {"hello": quart_request.args.get("name", "world"), "started": started}

    @app.post("/echo")
    async def echo() -> Any:
        return await quart_request.get_data(), 201, {"content-type": "application/octet-stream"}

    return app


# Falcon


class Hello:
    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.media = {"hello": req.get_param("name", default="world")}
        resp.set_header("X-Falcon", "1")

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.media = await req.get_media()
        resp.status = falcon.HTTP_201


class Events:
    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.content_type = "text/plain"
        resp.stream = two_parts()


def falcon_app() -> Any:
    app = falcon.asgi.App()
    app.add_route("/hello", Hello())
    app.add_route("/events", Events())
    return app


# BlackSheep


def blacksheep_app() -> BlackSheep:
    app = BlackSheep(router=Router())

    @app.router.get("/hello/{name}")
    async def hello(name: str) -> BlackSheepResponse:
        return BlackSheepResponse(200, [(b"x-sheep", b"black")], Content(b"text/plain", f"Hello {name}".encode()))

    @app.router.post("/items")
    async def create(data: FromJSON[Item]) -> BlackSheepResponse:
        return BlackSheepResponse(201, None, Content(b"text/plain", data.value.name.encode()))

    return app


# Flask


def flask_app() -> Flask:
    app = Flask("shop")

    @app.get("/hello")
    def hello() -> dict[str, Any]:
        return {"hello": flask_request.args.get("name", "world"), "below": flask_request.script_root}

    @app.post("/form")
    def form() -> tuple[str, int]:
        return ",".join(f"{name}={value}" for name, value in flask_request.form.items()), 201

    @app.get("/stream")
    def stream() -> Any:
        def parts() -> Iterator[bytes]:
            yield b"one,"
            yield b"two"

        return app.response_class(parts(), mimetype="text/plain")

    return app


# Neither has a framework


def asgi2_app() -> Callable[[Scope], Any]:
    """Called with the scope, then with receive and send, as ASGI 2 has it."""

    class Application:
        def __init__(self, scope: Scope) -> None:
            self.scope = scope

        async def __call__(self, receive: Receive, send: Send) -> None:
            assert self.scope["type"] == "http"
            message = await receive()
            told = b"%d bytes" % len(message["body"])
            length = str(len(told)).encode()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
            await send({"type": "http.response.body", "body": told})

    return Application


def loop_app() -> App:
    """Answers with the name of the package whose loop it runs on."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        loops = (base.__module__.split(".")[0] for base in type(asyncio.get_running_loop()).__mro__)
        name = next(name for name in loops if name in ("asyncio", "uvloop")).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": name})

    return app


# All of them on one server


def by_host() -> App:
    """The Host field names the application; uvicorn's own adapter stands around Flask, as `--interface wsgi` has it."""
    apps: dict[str, Any] = {
        "fastapi_app": fastapi_app(),
        "starlette_app": starlette_app(),
        "starlette_middleware_app": starlette_middleware_app(),
        "django_app": django_app(),
        "litestar_app": litestar_app(),
        "quart_app": quart_app(),
        "falcon_app": falcon_app(),
        "blacksheep_app": blacksheep_app(),
        "flask_app": WSGIMiddleware(flask_app()),
        "asgi2_app": ASGI2Middleware(asgi2_app()),  # type: ignore[arg-type]
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"])[b"host"].decode()
        await apps[host.replace("-", "_")](scope, receive, send)

    return app
