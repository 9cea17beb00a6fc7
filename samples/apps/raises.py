"""It promises a response, sends half of it, and fails.

    asgi-inspect samples/hello.http --app samples.apps.raises:app

The status line is on its way already, so the server cannot make a 500 of it: the client gets
"200 OK", fewer bytes than were promised, and a closed connection. The traceback stays on the
server. Had the error come before `http.response.start`, the client would see an honest 500.
"""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"26")]})
    await send({"type": "http.response.body", "body": b"The total is ", "more_body": True})
    total = add_up("12 apples, 3 pears")
    await send({"type": "http.response.body", "body": b"%13d" % total})


def add_up(text):
    """Somebody forgot that the parts have names."""
    return sum(int(part) for part in text.split(", "))
