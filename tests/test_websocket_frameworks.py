"""WebSocket applications of frameworks run, and answer as over a socket."""

import sys
from pathlib import Path
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import Outcome
from tests.websocket_cases import close, frame, handshake, text


def run(app: Any, data: bytes, **options: Any) -> asgi_inspect.Exchange:
    return asgi_inspect.inspect(data, app=app, parser="httptools", lifespan="off", timeout=3, **options).exchanges[0]


def answers(exchange: asgi_inspect.Exchange) -> list[Any]:
    return [frame.code or frame.data for frame in exchange.messages if not frame.by_client]


def starlette_app() -> Any:
    starlette = pytest.importorskip("starlette.applications")
    from starlette.endpoints import WebSocketEndpoint
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket

    class Echo(WebSocketEndpoint):
        encoding = "text"

        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            await websocket.send_text(f"said {data}")

    async def count(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol=(websocket.scope["subprotocols"] or [None])[0])
        async for message in websocket.iter_json():
            await websocket.send_json({"keys": len(message), "room": websocket.path_params["room"]})

    return starlette.Starlette(routes=[WebSocketRoute("/ws", Echo), WebSocketRoute("/rooms/{room}", count)])


def fastapi_app() -> Any:
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()

    async def user(token: str = "") -> str:
        if token != "secret":
            raise fastapi.WebSocketException(code=1008)
        return token

    async def serve(websocket: Any, token: str = fastapi.Depends(user)) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_bytes(await websocket.receive_bytes())
        except fastapi.WebSocketDisconnect:
            return

    serve.__annotations__["websocket"] = fastapi.WebSocket
    app.websocket("/ws")(serve)
    return app


def test_starlette_endpoint() -> None:
    """Its close is told to the endpoint, and answered with the same code."""
    exchange = run(starlette_app(), handshake() + text("a") + text("b") + close(1001))

    assert answers(exchange) == [b"said a", b"said b", 1001]
    assert (exchange.outcome, exchange.error) == (Outcome.COMPLETED, None)


def test_starlette_json() -> None:
    exchange = run(
        starlette_app(), handshake(b"Sec-WebSocket-Protocol: v1, v2", target=b"/rooms/7"), ws_json=['{"a": 1}']
    )

    assert answers(exchange) == [b'{"keys":1,"room":"7"}', 1000]
    assert exchange.websocket is not None
    assert exchange.websocket.subprotocol == "v1"


def test_starlette_refuses_an_unknown_path_with_the_denial_response() -> None:
    """Starlette closes a WebSocket that has no route, and uvicorn makes a 403 of it."""
    exchange = run(starlette_app(), handshake(target=b"/nowhere"))

    assert exchange.response is not None
    assert exchange.response.status in (403, 404)
    assert exchange.outcome is Outcome.COMPLETED


def test_fastapi_with_a_dependency() -> None:
    accepted = run(fastapi_app(), handshake(target=b"/ws?token=secret") + frame(2, b"\x00\x01") + close())
    refused = run(fastapi_app(), handshake(target=b"/ws"))

    assert answers(accepted) == [b"\x00\x01", 1000]
    assert refused.response is not None
    assert refused.response.status == 403
    assert refused.websocket is not None
    assert refused.websocket.refused_with == 1008


def test_a_fault_in_the_application_is_told() -> None:
    """FastAPI's endpoint wants bytes and gets text: a KeyError, and the connection is cut."""
    exchange = run(fastapi_app(), handshake(target=b"/ws?token=secret") + text("no bytes"))

    assert exchange.outcome is Outcome.RAISED
    assert exchange.error is not None
    assert exchange.error.startswith("KeyError")
    assert answers(exchange) == []


def test_django_channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_django_settings: None) -> None:
    """A consumer behind Channels' router, with its close code."""
    pytest.importorskip("channels")
    (tmp_path / "channels_app.py").write_text(CHANNELS)
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        module = __import__("channels_app")
        exchange = run(module.application, handshake(target=b"/chat/7/") + text("hi") + text("bye") + close(4000))
    finally:
        sys.modules.pop("channels_app", None)

    assert answers(exchange) == [b"room 7: hi", 4000]
    assert exchange.outcome is Outcome.COMPLETED


CHANNELS = """
import django
from django.conf import settings

settings.configure(SECRET_KEY="x", ALLOWED_HOSTS=["*"], INSTALLED_APPS=["channels"], USE_TZ=True)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path


class Chat(AsyncWebsocketConsumer):
    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "bye":
            await self.close(code=4000)
        else:
            await self.send(text_data=f"room {self.room}: {text_data}")


application = ProtocolTypeRouter({"websocket": URLRouter([path("chat/<int:room>/", Chat.as_asgi())])})
"""
