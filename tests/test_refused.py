"""What has lost its bytes is known by name and refused with the better command."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError
from asgi_inspect.captures.formats import read_known
from tests.captured import FOLDER

FILES = [
    ("refused/tshark-V.txt", "packet details", "tcpdump -w FILE"),
    ("refused/ngrep.txt", "ngrep's output", "tcpdump -w FILE"),
    ("refused/tcpdump-A-q.txt", "tcpdump's text", "tcpdump -X"),
    ("refused/socat-interleaved.txt", "two connections", "tcpdump -w FILE"),
    ("refused/strace-cut.txt", "strace cut the string", "-s 65535"),
    ("dumps/od-An-tx1-star.zeros.txt", "hides repeated rows", "xxd -p"),
    ("pcap/tcpdump-snaplen.pcap", "82 bytes", "tcpdump -s 0 -w FILE"),
]
TEXTS = [
    (b'await fetch("https://a/x", {\n  "headers": {}', "which is JSON", "Copy as cURL"),
    (
        b"12:00:00.000000 IP 127.0.0.1.50000 > 127.0.0.1.8000: Flags [P.], seq 1:84, ack 1, win 64, length 83\n",
        "tcpdump's text",
        "tcpdump -w FILE",
    ),
    (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhi", "a response only", "nc -l 8000 > FILE"),
]


@pytest.mark.parametrize(("file", "what", "instead"), FILES)
def test_files(file: str, what: str, instead: str) -> None:
    with pytest.raises(CaptureError) as refusal:
        read_known((FOLDER / file).read_bytes(), "x")
    assert what in str(refusal.value)
    assert instead in str(refusal.value)


@pytest.mark.parametrize(("text", "what", "instead"), TEXTS)
def test_texts(text: bytes, what: str, instead: str) -> None:
    with pytest.raises(CaptureError) as refusal:
        read_known(text, "x")
    assert what in str(refusal.value)
    assert instead in str(refusal.value)
