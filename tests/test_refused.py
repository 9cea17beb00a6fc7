"""What has lost its bytes is known by name and refused with the better command."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError
from asgi_inspect.captures.formats import read_known
from tests.captured import FOLDER

FILES = [
    ("refused/tshark-V.txt", "packet details", "tcpdump -w FILE"),
    ("refused/ngrep.txt", "ngrep's output", "tcpdump -w FILE"),
    ("ngrep/byline.txt", "ngrep's output", "tcpdump -w FILE"),
    ("tcpflow/c.txt", "tcpflow's console output", "without -c"),
    ("tcpdump/A.txt", "tcpdump's text", "tcpdump -X"),
    ("tcpdump/A-v.txt", "tcpdump's text", "tcpdump -X"),
    ("tcpdump/A-n-tttt.txt", "tcpdump's text", "tcpdump -X"),
    ("httpie/get-pretty.txt", "HTTPie's coloured output", "--pretty=none"),
    ("httpie/json-pretty.txt", "HTTPie's coloured output", "--pretty=none"),
    ("refused/socat-interleaved.txt", "two connections", "tcpdump -w FILE"),
    ("refused/strace-cut.txt", "strace cut the string", "-s 65535"),
    ("dumps/od-An-tx1-star.zeros.txt", "hides repeated rows", "xxd -p"),
    ("pcap/tcpdump-snaplen.pcap", "82 bytes", "tcpdump -s 0 -w FILE"),
]
TEXTS = [
    (b"GET / HTTP/1.1^M$\nHost: a^M$\n", "cat -v", "xxd FILE"),
    (b'await fetch("https://a/x", {\n  "headers": {}', "fetch", "Copy as cURL"),
    (b"$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n", "PowerShell", "Copy as cURL"),
    (b'Invoke-WebRequest -Uri "http://a"\n', "PowerShell", "Copy as cURL"),
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
