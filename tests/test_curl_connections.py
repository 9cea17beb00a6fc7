"""curl's log: which connection a line belongs to, and HTTP/2, which it prints as made-up text."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import Fidelity, Missing
from asgi_inspect.captures.curl_connections import Connections, as_http1, is_frames, is_noise, opens_log
from asgi_inspect.captures.formats import read_known
from asgi_inspect.captures.gathering import Gathering
from asgi_inspect.captures.messages import head_end
from tests.captured import Captured, captured, data_of, rules_of

HTTP2 = captured("curl-http2")


@pytest.mark.parametrize("case", HTTP2, ids=lambda case: case.name)
def test_http2_becomes_the_same_request_in_http1(case: Captured) -> None:
    capture = read_known(case.data, case.name)
    assert capture is not None
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert "not-the-wire" in rules_of(capture)
    (data,) = data_of(capture)
    head, body = data[: head_end(data)], data[head_end(data) :]
    stdin = "stdin" in case.name
    assert head.startswith(
        b"PUT /orders HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n" if stdin else b"POST /orders HTTP/1.1\r\nHost: "
    )
    assert (b"content-length: 30\r\n" if stdin else b"content-length: 29\r\n") in head.lower()
    missing = capture.connections[0].missing
    if case.name.endswith("-v.txt"):
        assert (body, missing) == (b"", Missing(length=29))
    else:
        assert len(body) == (30 if stdin else 29)
        assert body.startswith(b'{"item": "caf')
        assert missing is None
    assert capture.connections[0].responses[0].startswith(b"HTTP/2 200 \r\n")


def connections(*infos: bytes) -> Connections:
    found = Connections(Gathering())
    for info in infos:
        found.info(info)
    return found


def test_seven_numbers_its_connections() -> None:
    log = connections(b"Connected to a (1.2.3.4) port 80 (#0)", b"Connected to b (1.2.3.5) port 80 (#1)")
    first, second = log.request(None), log.request(None)
    assert first != second
    log.info(b"Re-using existing connection #0 with host a")
    assert log.request(None) == first


def test_ids_tell_it_for_sure() -> None:
    log = connections(b"Connected to a (1.2.3.4) port 80", b"Connected to a (1.2.3.4) port 80")
    assert log.request(b"[3-1] ") == b"1"
    assert log.of(b"[3-0] ") == b"0"
    assert not log.confess()


def test_two_alive_without_ids_are_a_guess_and_one_closed_is_none() -> None:
    log = connections(b"Connected to a (1) port 80", b"Connected to a (1) port 80")
    log.request(None)
    assert log.confess()
    closed = connections(
        b"Connected to a (1) port 80 (#0)", b"Closing connection 0", b"Connected to a (1) port 80 (#1)"
    )
    closed.request(None)
    assert not closed.confess()


def test_a_request_needs_news_of_a_connection() -> None:
    log = connections(b"Connected to a (1) port 80")
    log.request(None)
    assert not log.news
    state = log.state()
    log.info(b"  Trying 1.2.3.4:80...")
    assert log.news
    log.restore(state)
    assert not log.news


def test_heads_of_frames() -> None:
    assert is_frames(b"GET / HTTP/2\r\nHost: a\r\n\r\n")
    assert not is_frames(b"GET /HTTP/2 HTTP/1.1\r\n\r\n")
    assert as_http1(b"GET / HTTP/3\r\nHost: a\r\n\r\n") == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def test_noise() -> None:
    assert is_noise(b"\r  0     0\n")
    assert is_noise(b"  % Total    % Received\n")
    assert not is_noise(b"text\n")
    assert opens_log(b"$ curl -v http://a/\n\n")
    assert not opens_log(b"Try this:\n")
