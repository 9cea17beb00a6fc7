"""http.client's and strace's literals give the true bytes, call by call; a cut string is refused."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.call_log import read_http_client, read_strace, recognise_http_client, recognise_strace
from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from tests.captured import FOLDER, Captured, captured, cuts, data_of, read_or_refuse, rules_of, segments_of

STRACE = captured("strace")
(DEBUG,) = captured("http-client")


def test_http_client() -> None:
    assert recognise_http_client(DEBUG.data)
    capture = read_http_client(DEBUG.data, "x")
    assert data_of(capture) == DEBUG.true
    assert segments_of(capture) == ((77, 107, 256, 97, 8, 8, 5),)
    assert capture.fidelity is Fidelity.EXACT


def test_a_body_from_a_file_is_missing() -> None:
    head = b"send: b'PUT / HTTP/1.1\\r\\nContent-Length: 7\\r\\n\\r\\n'\n"
    text = head + b"sending a readable\nreply: 'HTTP/1.1 200 OK\\r\\n'\n"
    capture = read_http_client(text, "x")
    assert capture.connections[0].missing == Missing(length=7)
    assert capture.connections[0].responses == (b"HTTP/1.1 200 OK\r\n",)
    assert rules_of(capture) == ["body-missing"]


@pytest.mark.parametrize("case", STRACE, ids=lambda case: case.name)
def test_strace(case: Captured) -> None:
    assert recognise_strace(case.data)
    capture = read_strace(case.data, case.name)
    assert data_of(capture) == case.true
    assert segments_of(capture) == {"curl.txt": ((458,),), "python.txt": ((188, 3),)}[case.name]
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 200 OK\r\n")


def test_strace_of_a_server() -> None:
    text = (
        b"accept4(3, {sa_family=AF_INET}, [16], SOCK_CLOEXEC) = 4\n"
        b'recvfrom(4, "GET / HTTP/1.1\\r\\n\\r\\n", 9, 0) = 18\n'
        b'[pid 7] 00:00:00.1 writev(4, [{iov_base="HTTP/1.1 204 No\\r\\n", iov_len=17},'
        b' {iov_base="\\r\\n", iov_len=2}], 2) = 19\n'
        b'close(4) = 0\nrecvfrom(4, "GET /2 HTTP/1.0\\r\\n\\r\\n\\303\\0771", 9, 0) = 22\n'
    )
    capture = read_strace(text, "x")
    assert data_of(capture) == (b"GET / HTTP/1.1\r\n\r\n", b"GET /2 HTTP/1.0\r\n\r\n\xc3?1")
    assert capture.connections[0].responses == (b"HTTP/1.1 204 No\r\n\r\n",)


def test_a_string_that_strace_cut_is_refused() -> None:
    data = (FOLDER / "refused" / "strace-cut.txt").read_bytes()
    with pytest.raises(CaptureError, match=r"line 16: strace cut the string, 32 bytes are left.*-s 65535"):
        read_strace(data, "x")


def test_no_request_is_refused() -> None:
    with pytest.raises(CaptureError, match="no traced call sends"):
        read_strace(b'write(1, "hi", 2) = 2\n', "x")
    with pytest.raises(CaptureError, match="line 1: expected a whole bytes literal"):
        read_http_client(b"send: b'GET\n", "x")


@pytest.mark.parametrize("case", [*STRACE, DEBUG], ids=lambda case: case.name)
def test_a_cut_log_gives_no_other_bytes(case: Captured) -> None:
    reader = read_strace if case in STRACE else read_http_client
    for cut in cuts(case.data, 17):
        result = read_or_refuse(reader, cut)
        if not isinstance(result, CaptureError):
            assert all(true.startswith(got) for got, true in zip(data_of(result), case.true, strict=False))
