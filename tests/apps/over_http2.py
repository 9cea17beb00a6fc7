"""An application that tells in its response what it was given, and reads only where content can come."""

from __future__ import annotations

from hashlib import sha256

from tests.oracle import Message, Receive, Scope, Send

_LARGE = bytes(range(256)) * 300


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """`/large` is 76,800 octets, `/trailers` has some, `/raises` fails in the middle; all else is an account of
    what came, `/joined` with its messages joined."""
    received = [await receive()] if _has_content(scope) else []
    while received and received[-1].get("more_body"):
        received.append(await receive())
    path = scope["path"]
    trailers = path == "/trailers"
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"x-path", scope["raw_path"])],
            "trailers": trailers,
        }
    )
    if path == "/raises":
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("as asked")
    told = [_joined(received)] if path == "/joined" else list(map(_short, received))
    content = _LARGE if path == "/large" else repr((_told(scope), told)).encode()
    await send({"type": "http.response.body", "body": content})
    if trailers:
        await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


def _joined(received: list[Message]) -> dict[str, object]:
    """The content, in however many messages it came."""
    return _short({"body": b"".join(message.get("body", b"") for message in received)})


def _short(message: Message) -> dict[str, object]:
    """A long body by its length and its hash, so that the account fits into any window."""
    body = message.get("body", b"")
    return {**message, "body": (len(body), sha256(body).hexdigest()) if len(body) > 100 else body}


def _has_content(scope: Scope) -> bool:
    """Without content, uvicorn with zttp 0.0.35 would leave receive() waiting."""
    length = dict(scope["headers"]).get(b"content-length")
    return scope["method"] in ("POST", "PUT") and length != b"0"


def _told(scope: Scope) -> dict[str, object]:
    """The scope but the addresses, which differ from run to run."""
    return {key: value for key, value in scope.items() if key not in ("client", "server")}
