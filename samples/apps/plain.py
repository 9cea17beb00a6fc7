"""The whole of ASGI in ten lines: an application is a function of what came, a way to ask, a way to answer.

    asgi-inspect samples/hello.http --app samples.apps.plain:app

No framework. `scope` says what the client wants, `receive()` gives the body (nobody asks for one
here), and `send()` takes the response: first its start, then its body.
"""

import json
from urllib.parse import parse_qs


async def app(scope, receive, send):
    while scope["type"] == "lifespan":  # the server starts or stops; a polite application answers both
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
    name = parse_qs(scope["query_string"].decode()).get("name", ["world"])[0]
    found = scope["path"] == "/hello"
    body = json.dumps({"message": f"Hello {name}"} if found else {"detail": "Try /hello?name=you"}).encode()
    await send({"type": "http.response.start", "status": 200 if found else 404,
                "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
