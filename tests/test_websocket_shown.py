"""How a WebSocket looks in text, JSON, Python and as bytes, on the command line too."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import cli
from asgi_inspect.exit_codes import exit_code
from asgi_inspect.render.as_http import as_http
from asgi_inspect.render.as_json import as_json
from asgi_inspect.render.as_python import as_python
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import Page
from tests.websocket_cases import (
    ACCEPT,
    BINARY,
    PING,
    App,
    close,
    closes,
    denies,
    echo,
    frame,
    handshake,
    raises,
    send_text,
    sends,
    text,
)

ROOT = Path(__file__).parent.parent
SAMPLE = str(ROOT / "samples" / "chat.http")
CHAT = f"{ROOT / 'samples' / 'apps' / 'chat.py'}:app"


def inspected(data: bytes, app: App | None = echo, **options: Any) -> asgi_inspect.Inspection:
    return asgi_inspect.inspect(data, app=app, lifespan="off", parser="httptools", date_header=False, **options)


def section(inspection: asgi_inspect.Inspection, part: str, width: int = 80) -> list[str]:
    """The lines of one part, without the margin."""
    lines = as_text(inspection, Page(width=width), show=(part,)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"   {part}"))
    end = next((number for number in range(start, len(lines)) if not lines[number]), len(lines))
    return [line[13:] if width >= 72 else line for line in lines[start:end]]


def test_frames_are_two_lanes() -> None:
    data = handshake() + text("hello") + frame(PING, b"?") + frame(BINARY, b"\x00\xff") + close(4000, b"done")

    assert section(inspected(data), "frames") == [
        "agreed: no subprotocol, no compression",
        "client                              server",
        'text, 5 bytes "hello"         --->',
        '                              <---  text, 5 bytes "hello"',
        'ping, 1 byte "?"              --->',
        '                              <---  pong, 1 byte "?"',
        "binary, 2 bytes 00 ff         --->",
        "                              <---  binary, 2 bytes 00 ff",
        "close 4000 done               --->",
        "                              <---  close 4000 done",
    ]


def test_frames_have_names_instead_of_lanes_on_a_narrow_page() -> None:
    assert '   client: text, 5 bytes "hello"' in section(inspected(handshake() + text("hello")), "frames", width=40)


def test_a_fault_is_told_where_its_frame_is() -> None:
    shown = section(inspected(handshake() + text("hi", masked=False)), "frames")

    assert shown[2:] == [
        "text, 2 bytes, incorrect      --->",
        "masking",
        "                              <---  close 1002 incorrect masking",
    ]


def test_what_a_client_sends_reaches_the_screen_escaped() -> None:
    """ESC in a text, in a close reason, and in what the application sends back."""
    data = handshake() + text("\x1b[31mred") + close(1000, b"\x1b]0;title\x07")
    shown = as_text(inspected(data), Page())

    assert "\x1b" not in shown
    assert "\\x1b[31mred" in shown
    assert "close 1000 \\x1b]0;title\\x07" in shown


def test_a_long_conversation_is_shown_at_its_ends() -> None:
    data = handshake() + text("a") * 100

    lines = section(inspected(data), "frames")
    assert "... 120 frames more" in lines
    assert len(lines) == 83


ENDS: dict[str, tuple[bytes, App, str]] = {
    "client": (handshake() + close(1001), echo, "the client closed with 1001"),
    "nothing said": (handshake(), echo, "the client left without a close frame"),
    "server": (handshake() + close(4000), sends(ACCEPT, closes(4000), then=2), "the server closed with 4000"),
    "no answer": (
        handshake(),
        sends(ACCEPT, closes(4000)),
        "the server closed with 4000, and no close frame came back",
    ),
    "returned": (handshake(), sends(ACCEPT), "the client sees 1006"),
    "raised": (handshake(), raises(ACCEPT), "the client sees 1006"),
    "denied": (handshake(), denies(401, b"no"), "the application refused the handshake"),
    "fault": (handshake() + frame(3), echo, "the client's frame is wrong: invalid opcode"),
    "refused": (handshake(key=None), echo, "uvicorn does not go on after a request that it refused"),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_it_ended(name: str) -> None:
    data, app, words = ENDS[name]

    assert words in " ".join(as_text(inspected(data, app), Page()).split())


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("name", ENDS)
def test_no_line_is_wider_than_the_page(name: str, width: int) -> None:
    data, app, _ = ENDS[name]
    shown = as_text(inspected(data, app), Page(width=width), show=("timeline", "frames", "response"))

    assert [line for line in shown.splitlines() if len(line) > width] == []


def test_json_has_both_directions() -> None:
    data = handshake() + text("hé") + frame(BINARY, b"\xff") + close(1001, b"bye")
    inspection = inspected(data)

    [exchange] = json.loads(as_json(inspection, body_limit=1024))["exchanges"]
    assert exchange["websocket"] == {
        "accepted": True,
        "subprotocol": None,
        "extension": None,
        "refused": None,
        "closed_before_accept": None,
        "lost": None,
        "fault": None,
        "messages_left_out": 0,
    }
    client, server = (
        [message for message in exchange["messages"] if message["from"] == side] for side in ("client", "server")
    )
    assert [(message["opcode"], message["length"]) for message in client] == [("text", 3), ("binary", 1), ("close", 5)]
    assert [message["data"] for message in server[:2]] == ["hé", {"base64": base64.b64encode(b"\xff").decode()}]
    assert (server[2]["code"], server[2]["reason"]) == (1001, "bye")
    assert data[slice(*client[0]["span"])] == text("hé")
    assert inspection.exchanges[0].response is not None
    wire = inspection.exchanges[0].response.wire
    assert isinstance(wire, bytes)
    assert wire[slice(*server[0]["span"])] == b"\x81\x03h\xc3\xa9"
    assert exchange["scope"]["subprotocols"] == []


def test_json_of_a_refused_handshake() -> None:
    [exchange] = json.loads(as_json(inspected(handshake(key=None)), body_limit=1024))["exchanges"]

    assert (exchange["verdict"], exchange["scope"]) == ("rejected", None)
    assert exchange["websocket"]["refused"] == "missing Sec-WebSocket-Key header"
    assert exchange["response"]["status"] == 400
    assert exchange["response"]["by"] == "server"


def test_json_of_plain_http_has_no_messages() -> None:
    [exchange] = json.loads(as_json(inspected(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", None), body_limit=1))["exchanges"]

    assert "messages" not in exchange


def test_python_literals_compare_equal() -> None:
    inspection = inspected(handshake(b"Sec-WebSocket-Protocol: a") + text("x"))
    names: dict[str, Any] = {}
    exec(as_python(inspection), names)

    [exchange] = inspection.exchanges
    assert names["scope"] == exchange.scope
    assert tuple(names["receive"]) == exchange.receive
    assert tuple(names["send"]) == exchange.send


def test_http_format_is_the_101_and_the_frames() -> None:
    wire = as_http(inspected(handshake() + text("a")))

    assert wire.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert wire.endswith(b"\r\n\r\n\x81\x01a")


def test_the_timeline_tells_messages_in_a_few_words() -> None:
    inspection = inspected(
        handshake() + text("a"), sends({**ACCEPT, "subprotocol": "v1"}, send_text("x" * 50), closes(1001, "bye"))
    )
    shown = " ".join(as_text(inspection, Page(width=120), show=("timeline",)).split())

    assert "send websocket.accept, subprotocol v1" in shown
    assert "send websocket.send, text, 50 characters" in shown
    assert "send websocket.close 1001 bye" in shown


def test_the_command_line(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    """The handshake of the sample, and what the client says from options and a script."""
    script = tmp_path / "script.jsonl"
    script.write_text('{"json": {"b": 1, "c": 2}}\n\n{"text": "bye"}\n')
    arguments = [SAMPLE, "--app", CHAT, "--ws-text", "hello", "--ws-bytes", "0001", "--ws-json", "{}"]

    code = cli.run([*arguments, "--ws-script", str(script), "--format", "json"])
    [exchange] = json.loads(capfdbinary.readouterr().out)["exchanges"]
    server = [message["data"] for message in exchange["messages"] if message["from"] == "server"]
    assert code == 0
    assert server[:4] == ["HELLO", "\x01\x00", '{"keys": 0}', '{"keys": 2}']
    assert exchange["messages"][-2]["code"] == exchange["messages"][-1]["code"] == 1000
    assert exchange["websocket"]["subprotocol"] == "chat"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ws-bytes", "zz"], b"--ws-bytes must be hexadecimal digits"),
        (["--ws-json", "{"], b"--ws-json must be JSON"),
        (["--ws-script", "nowhere.jsonl"], b"no such file"),
    ],
)
def test_wrong_options(arguments: list[str], words: bytes, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.run([SAMPLE, *arguments]) == 2
    assert words in capfdbinary.readouterr().err


def test_exit_codes() -> None:
    """A refused handshake is a refused request, an application that ends with an open WebSocket has failed."""
    for data, app, code in (
        (handshake() + close(), echo, 0),
        (handshake(key=None), echo, 3),
        (handshake(), sends(ACCEPT), 4),
        (handshake(), sends(), 4),
        (handshake(), raises(ACCEPT), 4),
        (handshake() + frame(3), echo, 1),
    ):
        assert exit_code(inspected(data, app), "error") == code
