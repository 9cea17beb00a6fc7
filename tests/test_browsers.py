"""What the developer tools of Chromium 156 and Firefox 153 copied and saved of a session, beside its sockets' bytes.

The session: a page, a fetch() for each kind of body, a WebSocket. No copy lists the request for
/.well-known/…, which Chromium's tools make for themselves.
"""

from __future__ import annotations

import pytest

from asgi_inspect.captures import read_capture
from asgi_inspect.captures.capture import Capture, Fidelity
from asgi_inspect.captures.messages import head_end, request_end, request_starts
from tests.captured import FOLDER, Captured, one, rules_of

COPIES = {
    "har/chromium.har": "har",
    "har/chromium-sanitized.har": "har",
    "har/firefox.har": "har",
    "copied-curl/chromium.sh": "curl-command",
    "copied-curl/firefox.sh": "curl-command",
    "copied-curl/firefox.cmd": "curl-command",
    "fetch/firefox.js": "fetch",
    "powershell/firefox.ps1": "powershell",
    "copied-curl/chromium.cmd": "curl-command",
    "fetch/chromium.js": "fetch",
    "fetch/chromium-node.js": "fetch",
    "powershell/chromium.ps1": "powershell",
}
# Fields that a copy leaves out by its nature.
LOST = {
    "fetch": {
        *(b"accept-encoding", b"connection", b"cookie", b"origin", b"referer", b"user-agent"),
        *(b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site", b"sec-fetch-user"),
        *(b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform"),
        *(b"upgrade", b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions"),
    },
    "powershell": {b"connection", b"cookie"},
    "curl-command": {b"accept-encoding", b"cookie"},
    "har": {b"cookie"},
}
ADDED = {b"content-type", b"accept"}  # by curl, and by fetch() for a body of text, where the browser sent none


def whole(data: bytes) -> list[bytes]:
    """The requests in one connection's bytes."""
    return [data[start : request_end(data, start)] for start in request_starts(data)]


def requests(capture: Capture) -> list[bytes]:
    return [request for connection in capture.connections for request in whole(connection.data)]


def truth(case: Captured) -> list[bytes]:
    return [request for data in case.true for request in whole(data) if b" /.well-known/" not in request[:30]]


def fields(request: bytes) -> dict[bytes, bytes]:
    lines = request[: head_end(request)].split(b"\r\n")[1:-2]
    return {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}


@pytest.mark.parametrize(("file", "format"), COPIES.items())
def test_every_request_is_the_one_that_was_sent(file: str, format: str) -> None:
    case = one(FOLDER / file)
    capture = read_capture(case.data, file)
    assert capture.format == format
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    got, true = requests(capture), truth(case)
    assert [request.partition(b"\r\n")[0] for request in got] == [request.partition(b"\r\n")[0] for request in true]
    for ours, theirs in zip(got, true, strict=True):
        ours_fields, true_fields = fields(ours), fields(theirs)
        assert true_fields.keys() - ours_fields.keys() <= LOST[format] | {b"content-length"}
        assert ours_fields.keys() - true_fields.keys() <= ADDED
        same = ours_fields.keys() & true_fields.keys() - {b"content-length"}
        assert {name: ours_fields[name] for name in same} == {name: true_fields[name] for name in same}


TELLING = {"body-missing", "bytes-lost", "encoding-assumed"}
# The bodies that are not those that were sent, and of these the ones that no trace in the copy tells of:
# Firefox's "Copy as cURL" drops lines of a text and the content of a file, and for cmd control characters.
TOLD = {
    "har/chromium.har": {b"/upload"},
    "har/chromium-sanitized.har": {b"/upload"},
    "har/firefox.har": set(),
    "copied-curl/chromium.sh": {b"/binary", b"/upload"},
    "copied-curl/chromium.cmd": {b"/orders", b"/text", b"/binary", b"/upload"},
    "copied-curl/firefox.sh": {b"/binary"},
    "copied-curl/firefox.cmd": set(),
    "fetch/chromium.js": {b"/binary", b"/upload"},
    "fetch/chromium-node.js": {b"/binary", b"/upload"},
    "fetch/firefox.js": {b"/binary", b"/upload"},
    "powershell/chromium.ps1": {b"/binary", b"/upload"},
    "powershell/firefox.ps1": {b"/binary", b"/upload"},
}
UNTOLD = {
    "copied-curl/firefox.sh": {b"/text", b"/upload"},
    "copied-curl/firefox.cmd": {b"/text", b"/binary", b"/upload"},
}


@pytest.mark.parametrize("file", COPIES)
def test_a_body_is_the_one_that_was_sent_or_its_loss_is_told(file: str) -> None:
    case = one(FOLDER / file)
    capture = read_capture(case.data, file)
    told = {finding.connection for finding in capture.findings if finding.rule in TELLING}
    position = {request: c.number for c in capture.connections for request in whole(c.data)}
    differing = {
        ours.split()[1]: position[ours]
        for ours, theirs in zip(requests(capture), truth(case), strict=True)
        if ours[head_end(ours) :] != theirs[head_end(theirs) :]
    }
    assert differing.keys() == TOLD[file] | UNTOLD.get(file, set())
    for target in TOLD[file]:
        assert differing[target] in told or "shell-unknown" in rules_of(capture)


def test_blanks_in_a_copy_for_cmd_are_told() -> None:
    """Chromium puts a blank for each UTF-16 unit beyond ASCII, and a caret before it."""
    case = one(FOLDER / "copied-curl/chromium.cmd")
    (finding,) = [f for f in read_capture(case.data, "x").findings if f.rule == "shell-unknown"]
    assert "1 of the blanks" in finding.message
