"""The rules that no other table holds: what is said of a capture, of a WebSocket, of two parsers and of a run.

Their findings tell the clause and what to do by themselves, since both depend on what was seen.
"""

from __future__ import annotations

from typing import NamedTuple

from .findings import Severity


class OtherRule(NamedTuple):
    """A rule by the name of its findings. Where they weigh differently, `severity` is the highest."""

    id: str
    severity: Severity
    summary: str


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_CAPTURE = (
    OtherRule("not-a-request", _ERROR, "input that holds no request; the parsers are given it all the same"),
    OtherRule("not-the-wire", _WARNING, "a capture that keeps the request, and not the bytes that were sent"),
    OtherRule("https-as-http", _NOTE, "an https URL, shown with the scheme of a server without TLS"),
    OtherRule("windows-1252-text", _NOTE, "a head that is no UTF-8, and text in Windows-1252"),
    OtherRule("bytes-missing", _ERROR, "packets that were lost or cut: bytes of the client are not in the capture"),
    OtherRule("bytes-lost", _WARNING, "a body kept as text, whose bytes were no UTF-8"),
    OtherRule("bytes-guessed", _WARNING, "signs that may stand for other bytes than they show"),
    OtherRule("body-missing", _WARNING, "a body that the capture does not hold; --body fills it in"),
    OtherRule("body-laid-out", _WARNING, "a body that was printed anew, in another layout than it was sent"),
    OtherRule("encoding-assumed", _WARNING, "text beyond ASCII, taken as UTF-8"),
    OtherRule("line-ends-assumed", _WARNING, "line ends that the capture has lost, taken as CR LF"),
    OtherRule("line-ends-guessed", _WARNING, "line ends that had to be guessed, with the reason"),
    OtherRule("length-misfit", _WARNING, "a body of another length than Content-Length says"),
    OtherRule("length-added", _NOTE, "a request that was given the Content-Length that HTTP/1.1 needs"),
    OtherRule("dump-end-missing", _WARNING, "a dump without its last offset: rows may be lost"),
    OtherRule("direction-guessed", _WARNING, "a capture that does not tell who sent what"),
    OtherRule("order-assumed", _NOTE, "packets without sequence numbers, taken in the order of the capture"),
    OtherRule("request-doubtful", _NOTE, "a line that looks like a request inside of a response"),
    OtherRule("requests-skipped", _NOTE, "entries that reached no server, left out"),
    OtherRule("connection-guessed", _WARNING, "several connections, and none is named for a request"),
    OtherRule("connection-split", _NOTE, "a request behind a missing body, shown as a connection of its own"),
    OtherRule("connection-start-missing", _NOTE, "a capture that began in the middle of a connection"),
    OtherRule("connections-skipped", _NOTE, "connections that do not begin with an HTTP request, left out"),
    OtherRule("credentials-absent", _NOTE, "a HAR without cookies, which Chrome leaves out unless asked"),
    OtherRule("fields-left-out", _WARNING, "a capture without fields that were sent"),
    OtherRule("options-ignored", _WARNING, "options of a command that do not shape the request"),
    OtherRule("options-untold", _WARNING, "options of a command that shape the request, and are not worked out"),
    OtherRule("shell-unknown", _WARNING, "what a shell would expand, taken as written"),
    OtherRule("variables-unknown", _WARNING, "variables of a .http file that have no value"),
    OtherRule("response-differs-from-capture", _NOTE, "an answer of the dry run that is not the captured one"),
)
_WEBSOCKET = (
    OtherRule("websocket-key-missing", _WARNING, "a handshake without Sec-WebSocket-Key"),
    OtherRule("websocket-key-invalid", _WARNING, "a Sec-WebSocket-Key that is not 16 bytes in base64, or not alone"),
    OtherRule("websocket-version-missing", _WARNING, "a handshake without Sec-WebSocket-Version"),
    OtherRule("websocket-version-unsupported", _WARNING, "a Sec-WebSocket-Version other than 13"),
    OtherRule("websocket-connection-invalid", _WARNING, "a handshake whose Connection does not list Upgrade"),
    OtherRule("websocket-upgrade-invalid", _WARNING, "a handshake whose Upgrade is not websocket alone"),
    OtherRule("websocket-origin-repeated", _WARNING, "more than one Origin"),
    OtherRule("websocket-extensions-malformed", _WARNING, "a Sec-WebSocket-Extensions that is no list of extensions"),
    OtherRule("websocket-subprotocol-malformed", _WARNING, "a Sec-WebSocket-Protocol that is no list of names"),
    OtherRule("websocket-method-not-get", _WARNING, "a handshake with a method other than GET"),
    OtherRule("websocket-handshake-unanswered", _ERROR, "a handshake that uvicorn never answers"),
    OtherRule("websocket-http10", _WARNING, "a handshake in HTTP/1.0"),
    OtherRule("websocket-frames-lost", _WARNING, "frames that shared a read with the handshake"),
    OtherRule("websocket-frame-incomplete", _WARNING, "a capture that ends inside a frame"),
    OtherRule("websocket-frame-unmasked", _ERROR, "a client's frame without a mask"),
    OtherRule("websocket-frame-opcode-unknown", _ERROR, "a frame with a reserved opcode"),
    OtherRule("websocket-frame-reserved-bits", _ERROR, "a frame with reserved bits that no extension allows"),
    OtherRule("websocket-frame-control-too-long", _ERROR, "a control frame of more than 125 bytes"),
    OtherRule("websocket-frame-control-fragmented", _ERROR, "a control frame in fragments"),
    OtherRule("websocket-frame-continuation-of-nothing", _ERROR, "a continuation where no message has begun"),
    OtherRule("websocket-message-unfinished", _ERROR, "a message that another one, or a close, interrupts"),
    OtherRule("websocket-message-too-big", _ERROR, "a message over uvicorn's --ws-max-size"),
    OtherRule("websocket-deflate-broken", _ERROR, "a compressed message that cannot be unpacked"),
    OtherRule("websocket-close-malformed", _ERROR, "a close frame with half a code, or one that may not be sent"),
    OtherRule("websocket-close-reason-not-utf8", _ERROR, "a close frame whose reason is no UTF-8"),
    OtherRule("websocket-text-cut", _ERROR, "a text message that ends inside a character"),
    OtherRule("websocket-text-not-utf8", _ERROR, "a text message that is no UTF-8"),
)
_RUN = (
    OtherRule("parsers-disagree", _WARNING, "a request that one of uvicorn's parsers takes and the other refuses"),
    OtherRule("parsers-build-different-scopes", _WARNING, "a request whose scope depends on the parser"),
    OtherRule("parsers-read-different-bodies", _WARNING, "a request whose body depends on the parser"),
    OtherRule("answer-lost", _WARNING, "a call whose answer never leaves, since a later request is refused"),
    OtherRule("uvicorn-warns", _NOTE, "how uvicorn takes the application, where that is not plain"),
    OtherRule("loop-blocked", _ERROR, "an application that blocked the event loop until time ran out"),
    OtherRule("server-ended", _ERROR, "an application that ended the server"),
    OtherRule("thread-left-running", _WARNING, "a thread that was still running when everything was over"),
)

OTHER_RULES = (*_CAPTURE, *_WEBSOCKET, *_RUN)
