"""A WebSocket that answers: text in capitals, JSON with its keys counted, bytes in reverse. `bye` makes it close.

    asgi-inspect samples/chat.http --app samples.apps.chat:app --ws-text hello --ws-text '{"n": 1}'

The capture holds the handshake; what the client says then comes from the command line.
"""

import json


async def app(scope, receive, send):
    while scope["type"] == "lifespan":
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 426, "headers": [(b"upgrade", b"websocket")]})
        await send({"type": "http.response.body", "body": b"This is a WebSocket.\n"})
        return
    await receive()
    offered = scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": "chat" if "chat" in offered else None})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "bye":
            await send({"type": "websocket.close", "code": 1000, "reason": "bye"})
            return
        await send({"type": "websocket.send", **answer(message)})


def answer(message):
    text = message.get("text")
    if text is None:
        return {"bytes": message["bytes"][::-1]}
    if text.startswith("{"):
        return {"text": json.dumps({"keys": len(json.loads(text))})}
    return {"text": text.upper()}
