"""How HTTP/2 looks in text, JSON, Python and as bytes, on the command line too; and every format that may hold it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from struct import pack
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import Exchange, Inspection
from asgi_inspect.render.as_http import as_http
from asgi_inspect.render.as_json import as_json, as_jsonl
from asgi_inspect.render.as_python import as_python
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import Page
from asgi_inspect.servers.http2_frames import FrameType, split_frames
from tests.apps.over_http2 import app
from tests.commands import ROOT, clean
from tests.http2_frames import GET, OPENING, POST, data, headers, rst_stream, with_path
from tests.packets import CLIENT, packets, pcap, pcapng

SAMPLE = ROOT / "samples" / "http2.bin"
POSTED = OPENING + headers(POST, end=False) + data(b"hello")


def inspected(whole: bytes, **options: Any) -> Inspection:
    return asgi_inspect.inspect(whole, **{"app": app, "lifespan": "off", "date_header": False, **options})


def section(inspection: Inspection, part: str, width: int = 80) -> list[str]:
    """The lines of the first of one part, without the margin."""
    lines = as_text(inspection, Page(width=width), show=(part,)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"   {part}"))
    end = next((number for number in range(start, len(lines)) if not lines[number]), len(lines))
    return [line[13:] if width >= 72 else line for line in lines[start:end]]


def test_frames_are_two_lanes_with_their_fields() -> None:
    frames = section(inspected(POSTED), "frames")

    assert frames[0] == "client                              server"
    assert "SETTINGS, 0 bytes             --->" in frames
    at = frames.index("HEADERS END_HEADERS, 66 bytes --->")
    assert frames[at + 1 : at + 6] == [
        "  :method: POST",
        "  :scheme: http",
        "  :path: /a?b=c",
        "  :authority: example.org",
        "DATA END_STREAM, 5 bytes      --->",
    ]
    assert '"hello"' in frames[at + 6]
    assert any(line.strip() == "<---  DATA END_STREAM, 0 bytes" for line in frames)


def test_on_a_narrow_page_each_frame_says_whose_it_is() -> None:
    frames = section(inspected(POSTED), "frames", width=40)

    assert "   client: SETTINGS, 0 bytes" in frames
    assert "   server: SETTINGS ACK, 0 bytes" in frames
    assert all(len(line) <= 40 for line in frames)


def test_the_answer_of_a_stand_in_is_not_among_the_frames() -> None:
    frames = section(inspected(POSTED, app=None), "frames")

    assert not any("200" in line for line in frames)
    assert any("SETTINGS ACK" in line for line in frames)


def test_the_summary_names_the_stream() -> None:
    text = as_text(inspected(POSTED + headers(with_path(b"/2"), stream=3)), Page(width=80))

    assert "1  POST /a?b=c  HTTP/2, stream 1" in text
    assert "2  GET /2  HTTP/2, stream 3" in text
    assert "as uvicorn 0.54 with zttp 0.0.35 and --http2 sees it" in text
    assert "reads the same" not in text


def test_the_response_is_drawn_without_line_ends() -> None:
    inspection = inspected(OPENING + headers([*with_path(b"/trailers"), (b"te", b"trailers")]))
    response = section(inspection, "response")

    assert response[0] == "HTTP/2 200"
    assert response[1].startswith("server: uvicorn  ")
    assert response[1].endswith("<- server")
    assert response[2].endswith("<- app")
    assert not any("\\r\\n" in line for line in response)
    assert "\n             x-sum: 1\n" in as_text(inspection, Page(width=80))


def test_bytes_are_frames_in_hex() -> None:
    shown = section(inspected(POSTED), "bytes")

    assert shown[0] == "byte 33: HEADERS END_HEADERS, 66 bytes"
    assert shown[1].split("  ")[1].strip().startswith("00 00 42 01 04 00 00 00")
    assert shown[-1].endswith("hello") or "hello" in "".join(shown[-2:])
    assert "bytes" not in as_text(inspected(POSTED), Page(width=80)).split("scope")[0].split("accepted")[1]


def test_json_has_frames_fields_and_what_the_connection_said() -> None:
    told = json.loads(as_json(inspected(POSTED + rst_stream(stream=1)), body_limit=1000))
    [exchange] = told["exchanges"]
    stream = exchange["http2"]

    assert (stream["stream"], stream["fault"]) == (1, None)
    assert stream["reset"] == {"code": "CANCEL", "by": "client"}
    assert stream["fields"][0] == [":method", "POST"]
    first, second, *_ = stream["frames"]
    assert first == {
        "from": "client",
        "type": "HEADERS",
        "flags": ["END_HEADERS"],
        "stream": 1,
        "length": 66,
        "span": [33, 108],
        "fault": None,
        "fields": stream["fields"],
    }
    assert (second["type"], second["data"], second["flags"]) == ("DATA", "hello", ["END_STREAM"])
    [connection] = told["http2"]
    assert connection["connection"] == 1
    assert [frame["type"] for frame in connection["frames"]] == ["SETTINGS", "SETTINGS", "SETTINGS"]
    assert "MAX_CONCURRENT_STREAMS 128" in connection["frames"][0]["told"]


def test_jsonl_says_the_same() -> None:
    inspection = inspected(POSTED)
    whole = json.loads(as_json(inspection, body_limit=1000))
    first, exchange, last = (json.loads(line) for line in as_jsonl([inspection], body_limit=1000))

    assert first["server"]["parser"] == "zttp"
    assert exchange == whole["exchanges"][0]
    assert last["http2"] == whole["http2"]


def test_a_fault_stands_in_json() -> None:
    broken = json.loads(as_json(inspected(OPENING + data(b"x")), body_limit=1000))

    [exchange] = broken["exchanges"]
    assert exchange["verdict"] == "rejected"
    assert exchange["http2"]["fault"]["rule"] == "http2-stream-idle"
    assert exchange["http2"]["fault"]["ends"] == "connection"
    assert broken["http2"][0]["fault"]["code"] == "PROTOCOL_ERROR"


def test_python_runs_and_equals_what_the_application_saw() -> None:
    inspection = inspected(POSTED)
    namespace: dict[str, Any] = {}
    exec(as_python(inspection), namespace)

    assert namespace["scope"] == inspection.exchanges[0].scope
    assert namespace["receive"] == list(inspection.exchanges[0].receive)


def test_http_is_every_frame_of_the_server_in_order() -> None:
    wire = as_http(inspected(POSTED + headers(GET, stream=3)))
    frames = list(split_frames(wire))

    assert sum(9 + len(frame.payload) for frame in frames) == len(wire)
    assert [frame.stream for frame in frames] == [0, 0, 1, 1, 1, 3, 3, 3]


def test_http_of_a_stand_in_has_none_of_its_answer() -> None:
    frames = list(split_frames(as_http(inspected(POSTED, app=None))))

    assert [(frame.type, frame.stream) for frame in frames] == [(FrameType.SETTINGS, 0), (FrameType.SETTINGS, 0)]


def exchange_of(whole: bytes, **options: Any) -> Exchange:
    return inspected(whole, **options).exchanges[0]


def xxd(whole: bytes) -> bytes:
    rows = []
    for at in range(0, len(whole), 16):
        row = whole[at : at + 16]
        pairs = " ".join(row[pair : pair + 2].hex() for pair in range(0, len(row), 2))
        text = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in row)
        rows.append(f"{at:08x}: {pairs:39}  {text}\n")
    return "".join(rows).encode()


LINE_ENDS = b"\n\r\nGET / HTTP/1.1\n\n"
WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "raw": bytes,
    "xxd": xxd,
    "base64": base64.b64encode,
    "pcap": lambda whole: pcap(packets([whole[:40], whole[40:]])),
    "pcapng": lambda whole: pcapng(packets([whole])),
}


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("capture", ["sample", "bare line feeds"])
def test_whatever_holds_the_bytes_is_read(name: str, capture: str) -> None:
    """A body full of bare line feeds is not mended either."""
    whole = SAMPLE.read_bytes() if capture == "sample" else OPENING + headers(POST, end=False) + data(LINE_ENDS)
    inspection = inspected(WRAPPED[name](whole))

    assert inspection.capture.repairs == ()
    assert inspection.capture.connections[0].data == whole
    assert inspection.exchanges[0].http2 is not None
    assert inspection.exchanges[0].scope == exchange_of(whole).scope
    content = b"".join(message["body"] for message in inspection.exchanges[0].receive)
    assert content == (b'{"name": "pear"}' if capture == "sample" else LINE_ENDS)


def test_http1_and_http2_in_one_capture() -> None:
    """Each connection as its server would be: the first lines tell which."""
    one = packets([b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n"])
    other = [packet.replace(pack(">H", CLIENT), pack(">H", CLIENT + 1)) for packet in packets([POSTED])]
    inspection = inspected(pcap([*one, *other]), app=None)

    assert [exchange.http2 is not None for exchange in inspection.exchanges] == [False, True]
    assert inspection.server.parser == "httptools"
    assert {"h2", "h11"} <= set(inspection.tool)
    as_text(inspection, Page())


# The command


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    call = [sys.executable, "-m", "asgi_inspect", *arguments]
    return subprocess.run(call, cwd=ROOT, env=clean(), capture_output=True, check=False, **options)


def test_the_sample_on_the_command_line() -> None:
    done = command("samples/http2.bin", "--app", "samples.apps.fastapi_app:app", "-f", "json")
    told = json.loads(done.stdout)

    assert done.returncode == 0
    assert told["capture"]["why"] == "the preface of HTTP/2 comes first"
    assert told["exchanges"][0]["response"]["status"] == 200
    assert {"h2", "hpack"} <= set(told["tool"])


def test_a_pipe_and_an_exit_code() -> None:
    done = command(input=OPENING + headers([*GET, (b"X", b"y")]))

    assert done.returncode == 3
    assert b"http2-field-name-upper-case" in done.stdout
    assert done.stderr == b""


def test_h2_is_told_and_loaded_only_where_it_is_used() -> None:
    hello = "samples/hello.http"
    for arguments, uses in (([hello], False), (["samples/http2.bin"], True), ([hello, "--http2"], True)):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "asgi_inspect", *arguments, "-f", "json"],
            cwd=ROOT,
            env=clean(),
            capture_output=True,
            check=True,
        )
        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}

        assert ({"h2", "hpack"} <= loaded) is uses
        assert ("h2" in json.loads(done.stdout)["tool"]) is uses
        assert "zttp" not in loaded


def test_the_version_names_h2() -> None:
    named = {line.split()[0] for line in command("--version").stdout.decode().splitlines()}

    assert {"h2", "hpack", "wsproto"} <= named


def test_every_rule_can_be_explained() -> None:
    done = command("--explain", "http2-connection-field")

    assert done.returncode == 0
    assert b"RFC 9113" in done.stdout
