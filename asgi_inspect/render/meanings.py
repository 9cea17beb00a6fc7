"""What each part of a request, a scope and a message is, in one sentence, and where that is written.

`WWW` and `LIFESPAN` are documents of the ASGI specification: "HTTP & WebSocket" and "Lifespan".
"""

from __future__ import annotations

from typing import NamedTuple

WWW, LIFESPAN = "ASGI HTTP & WebSocket", "ASGI Lifespan"
_SCOPE = f"{WWW}, connection scope"


class Meaning(NamedTuple):
    """One sentence, and the section that it rests on."""

    says: str
    spec: str

    @property
    def text(self) -> str:
        """Both together."""
        return f"{self.says} {self.spec}." if self.spec else self.says


SCOPE_KEYS = {
    "type": Meaning("The kind of connection: the application looks here first.", _SCOPE),
    "asgi": Meaning("The versions of ASGI that the server speaks; no byte of the request tells them.", _SCOPE),
    "http_version": Meaning("The number behind HTTP/ in the request line.", "RFC 9112 §2.3"),
    "method": Meaning("The first word of the request line: what the client wants done.", "RFC 9110 §9"),
    "scheme": Meaning("How the client reached the server; a trusted proxy may tell it.", _SCOPE),
    "path": Meaning("The target up to the question mark, percent-decoded and read as UTF-8.", _SCOPE),
    "raw_path": Meaning("The same bytes of the target, not decoded.", _SCOPE),
    "query_string": Meaning("What follows the question mark, as bytes and not decoded.", _SCOPE),
    "root_path": Meaning("Where the application is mounted; the server is told, not asked.", _SCOPE),
    "headers": Meaning("Every field in its order, names in lower case, both parts as bytes.", _SCOPE),
    "client": Meaning("Address and port of the peer: of the socket, or from a trusted proxy.", _SCOPE),
    "server": Meaning("The address and port that the server listens on.", _SCOPE),
    "state": Meaning("A copy of what the application stored in its lifespan's startup.", f"{LIFESPAN}, scope"),
    "extensions": Meaning("What this server can do beyond the specification's core.", "ASGI, Extensions"),
    "subprotocols": Meaning("The protocols that the client offers to speak, in its order.", _SCOPE),
}

FIELDS = {
    "accept": Meaning("The media types that the client can read.", "RFC 9110 §12.5.1"),
    "accept-encoding": Meaning("The compressions that the client can undo.", "RFC 9110 §12.5.3"),
    "accept-language": Meaning("The languages that the reader prefers.", "RFC 9110 §12.5.4"),
    "authorization": Meaning("Who is asking, and the proof of it.", "RFC 9110 §11.6.2"),
    "cache-control": Meaning("What caches on the way may do.", "RFC 9111 §5.2"),
    "connection": Meaning("What is meant for this connection only, and whether it stays open.", "RFC 9110 §7.6.1"),
    "content-encoding": Meaning("The compression that the content went through.", "RFC 9110 §8.4"),
    "content-length": Meaning("How many bytes of content follow the empty line.", "RFC 9110 §8.6"),
    "content-type": Meaning("What the content is.", "RFC 9110 §8.3"),
    "cookie": Meaning("What the server asked the client to remember.", "RFC 6265 §5.4"),
    "expect": Meaning("With 100-continue the client waits for leave to send its content.", "RFC 9110 §10.1.1"),
    "forwarded": Meaning("What a proxy saw of the client.", "RFC 7239 §4"),
    "host": Meaning("The site that is asked, for many may share one address.", "RFC 9110 §7.2"),
    "if-modified-since": Meaning("Send it only if it has changed since then.", "RFC 9110 §13.1.3"),
    "if-none-match": Meaning("Send it only if it differs from the copies named here.", "RFC 9110 §13.1.2"),
    "origin": Meaning("The site whose page makes the request.", "RFC 6454 §7"),
    "range": Meaning("Send only this part.", "RFC 9110 §14.2"),
    "referer": Meaning("The page that led here.", "RFC 9110 §10.1.3"),
    "sec-websocket-extensions": Meaning("Extensions that the client offers, compression mostly.", "RFC 6455 §9.1"),
    "sec-websocket-key": Meaning("A random value that the server's answer must be made from.", "RFC 6455 §4.1"),
    "sec-websocket-protocol": Meaning("The subprotocols that the client offers.", "RFC 6455 §1.9"),
    "sec-websocket-version": Meaning("The version of WebSocket; only 13 is in use.", "RFC 6455 §4.4"),
    "te": Meaning("Transfer codings that the client takes, and whether it wants trailers.", "RFC 9110 §10.1.4"),
    "trailer": Meaning("The fields that follow the content.", "RFC 9110 §6.6.2"),
    "transfer-encoding": Meaning("With chunked the content comes in pieces, each with its size.", "RFC 9112 §6.1"),
    "upgrade": Meaning("The protocol that the client would rather speak.", "RFC 9110 §7.8"),
    "user-agent": Meaning("The program that makes the request.", "RFC 9110 §10.1.5"),
    "x-forwarded-for": Meaning("The client's address as proxies saw it; taken from trusted peers only.", ""),
    "x-forwarded-proto": Meaning("The scheme that a proxy was asked by; taken from trusted peers only.", ""),
}
ANY_FIELD = Meaning("A field of the head: its name in lower case, its value without white space around it.", _SCOPE)

_RECEIVE, _SEND = f"{WWW}, receive event", f"{WWW}, send event"
MESSAGES = {
    "http.request": Meaning("A piece of the body; more_body tells whether another follows.", _RECEIVE),
    "http.disconnect": Meaning("The client is gone, or the response is complete.", _RECEIVE),
    "http.response.start": Meaning("Status and headers; the server writes them with the body's first piece.", _SEND),
    "http.response.body": Meaning("A piece of the response's body; the last one has no more_body.", _SEND),
    "http.response.trailers": Meaning("Fields that follow the response's body.", "ASGI, Extensions"),
    "websocket.connect": Meaning("A client wants to open a WebSocket; the application accepts or closes.", _RECEIVE),
    "websocket.accept": Meaning("The handshake is answered with 101: messages may flow.", _SEND),
    "websocket.receive": Meaning("A whole message of the client, as text or as bytes.", _RECEIVE),
    "websocket.send": Meaning("A message to the client, as text or as bytes.", _SEND),
    "websocket.disconnect": Meaning("The WebSocket is closed, with the code that says why.", _RECEIVE),
    "websocket.close": Meaning("Close the WebSocket; before accept, refuse it with 403.", _SEND),
    "lifespan.startup": Meaning("The server is about to serve: open what requests need.", f"{LIFESPAN}, startup"),
    "lifespan.startup.complete": Meaning("Ready: the server begins to serve.", f"{LIFESPAN}, startup complete"),
    "lifespan.startup.failed": Meaning("Not ready: the server ends.", f"{LIFESPAN}, startup failed"),
    "lifespan.shutdown": Meaning("No request comes any more: close what was opened.", f"{LIFESPAN}, shutdown"),
    "lifespan.shutdown.complete": Meaning("All is closed: the server may end.", f"{LIFESPAN}, shutdown complete"),
    "lifespan.shutdown.failed": Meaning("Something could not be closed.", f"{LIFESPAN}, shutdown failed"),
}

FRAMING = Meaning("Sizes and ends of chunks: the server takes them off, no message has them.", "RFC 9112 §7.1")

# From connection to close: what happens to every request.
STEPS = (
    ("Connect", "A client opens a connection; its address becomes client, the server's own becomes server."),
    ("Read", "Bytes arrive in reads. What shares a read decides which messages come together."),
    ("Parse", "The parser finds the request line and the fields, or refuses them."),
    ("Call", "The application is called once with the scope, a dict, and two functions."),
    ("Receive", "The application asks for the body, message by message, as often as it likes."),
    ("Send", "The application answers: a start with status and headers, then the body."),
    ("Close", "The server writes the response, and keeps the connection or closes it."),
)


def of_field(name: bytes) -> Meaning:
    """What a header field is."""
    return FIELDS.get(name.decode("latin-1").lower(), ANY_FIELD)
