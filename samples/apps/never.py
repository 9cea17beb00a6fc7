"""It reads the request with care, and then waits for something that nobody will ever do.

    asgi-inspect samples/order.http --app samples.apps.never:app --timeout 2

To the server this is an application that is still at work. Only the client can end it, by losing
its patience: after --timeout it leaves, and `receive()` would now give `http.disconnect`. But this
application does not ask any more.
"""

import asyncio


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    while (await receive()).get("more_body"):
        pass
    await asyncio.Event().wait()
