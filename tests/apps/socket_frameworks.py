"""Good WebSocket applications, one for each framework: /echo until the client leaves, /push and close, /refuse."""

from collections.abc import Callable
from typing import Any


def starlette() -> Any:
    """An endpoint class, a function, and an exception that refuses."""
    from starlette.applications import Starlette
    from starlette.endpoints import WebSocketEndpoint
    from starlette.exceptions import WebSocketException
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket

    class Echo(WebSocketEndpoint):
        encoding = "text"

        async def on_connect(self, websocket: WebSocket) -> None:
            await websocket.accept(subprotocol=(websocket.scope["subprotocols"] or [None])[0])

        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            await websocket.send_text(data)

    async def push(websocket: WebSocket) -> None:
        await websocket.accept(headers=[(b"x-room", b"7")])
        await websocket.send_json({"n": 1})
        await websocket.send_bytes(b"\0\1")
        await websocket.close(4000, "done")

    async def refuse(websocket: WebSocket) -> None:
        raise WebSocketException(code=1008)

    routes = [WebSocketRoute("/echo", Echo), WebSocketRoute("/push", push), WebSocketRoute("/refuse", refuse)]
    return Starlette(routes=routes)


def fastapi() -> Any:
    """Handlers that catch the disconnect, and a dependency that refuses."""
    from fastapi import Depends, FastAPI, WebSocket, WebSocketDisconnect, WebSocketException

    app = FastAPI()

    async def nobody() -> str:
        raise WebSocketException(code=1008, reason="who?")

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            pass

    @app.websocket("/push")
    async def push(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json({"n": 1})
        await websocket.close()

    @app.websocket("/refuse")
    async def refuse(websocket: WebSocket, user: str = Depends(nobody)) -> None:
        await websocket.accept()

    return app


def channels() -> Any:
    """Consumers behind Channels' router."""
    from django.conf import settings  # type: ignore[import-untyped]

    if not settings.configured:
        settings.configure(SECRET_KEY="x", ALLOWED_HOSTS=["*"], INSTALLED_APPS=["channels"], USE_TZ=True)
    import django  # type: ignore[import-untyped]

    django.setup()
    from channels.generic import websocket  # type: ignore[import-untyped]
    from channels.routing import ProtocolTypeRouter, URLRouter  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    class Echo(websocket.AsyncWebsocketConsumer):  # type: ignore[misc]
        async def receive(self, text_data: Any = None, bytes_data: Any = None) -> None:
            await self.send(text_data=text_data, bytes_data=bytes_data)

    class Push(websocket.AsyncJsonWebsocketConsumer):  # type: ignore[misc]
        async def connect(self) -> None:
            await self.accept()
            await self.send_json({"n": 1})
            await self.close(code=4000)

    class Refuse(websocket.AsyncWebsocketConsumer):  # type: ignore[misc]
        async def connect(self) -> None:
            await self.close()

    consumers: dict[str, Any] = {"echo": Echo, "push": Push, "refuse": Refuse}
    return ProtocolTypeRouter(
        {"websocket": URLRouter([path(name, consumer.as_asgi()) for name, consumer in consumers.items()])}
    )


def litestar() -> Any:
    """A listener, a handler, and a guard."""
    from litestar import Litestar, WebSocket, websocket, websocket_listener
    from litestar.exceptions import WebSocketException

    @websocket_listener("/echo")
    async def echo(data: str) -> str:
        return data

    @websocket("/push")
    async def push(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        await socket.send_json({"n": 1})
        await socket.close()

    def nobody(connection: Any, handler: Any) -> None:
        raise WebSocketException(code=4001, detail="who?")

    @websocket("/refuse", guards=[nobody])
    async def refuse(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()

    return Litestar([echo, push, refuse])


def quart() -> Any:
    """Handlers; what ends one of them is the client, or an abort."""
    from quart import Quart, abort, websocket

    app = Quart("chat")

    @app.websocket("/echo")
    async def echo() -> None:
        while True:
            await websocket.send(await websocket.receive())

    @app.websocket("/push")
    async def push() -> None:
        await websocket.accept()
        await websocket.send_json({"n": 1})
        await websocket.close(4000)

    @app.websocket("/refuse")
    async def refuse() -> None:
        abort(403)

    return app


def falcon() -> Any:
    """Resources of three kinds."""
    import falcon.asgi

    class Echo:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            await ws.accept()
            try:
                while True:
                    await ws.send_text(await ws.receive_text())
            except falcon.WebSocketDisconnected:
                pass

    class Push:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            await ws.accept()
            await ws.send_media({"n": 1})
            await ws.close(4000)

    class Refuse:
        async def on_websocket(self, req: Any, ws: Any) -> None:
            raise falcon.HTTPForbidden

    app = falcon.asgi.App()
    for path, resource in (("/echo", Echo()), ("/push", Push()), ("/refuse", Refuse())):
        app.add_route(path, resource)
    return app


def blacksheep() -> Any:
    """Handlers of three kinds."""
    from blacksheep import Application, Router, WebSocket, WebSocketDisconnectError
    from blacksheep.exceptions import Forbidden

    app = Application(router=Router())

    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnectError:
            pass

    async def push(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json({"n": 1})
        await websocket.close()

    async def refuse(websocket: WebSocket) -> None:
        raise Forbidden

    for path, handler in (("/echo", echo), ("/push", push), ("/refuse", refuse)):
        app.router.add_ws(path, handler)
    return app


FRAMEWORKS: dict[str, Callable[[], Any]] = {
    made.__name__: made for made in (starlette, fastapi, channels, litestar, quart, falcon, blacksheep)
}
