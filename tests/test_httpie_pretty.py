"""HTTPie's colours come off; a body is taken only in the layout that is as long as Content-Length says."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.httpie_pretty import read, recognise
from asgi_inspect.captures.messages import head_end
from tests.captured import Captured, captured, data_of, rules_of

CASES = [case for case in captured("httpie") if "pretty" in case.name]
(JSON,) = [case for case in CASES if case.name == "json-pretty.txt"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_request(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    (got,), (true,) = data_of(capture), case.true
    head, body = got[: head_end(got)].split(b"\r\n"), got[head_end(got) :]
    true_head, true_body = true[: head_end(true)].split(b"\r\n"), true[head_end(true) :]
    assert head[0] == true_head[0]
    assert sorted(head) == sorted(true_head)
    assert body == true_body
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n")
    assert ("body-laid-out" in rules_of(capture)) == (case is JSON)


def test_a_body_of_no_known_layout_is_missing_and_counted() -> None:
    capture = read(JSON.data.replace(b": 18\n", b": 29\n"), "x")
    assert capture.connections[0].missing == Missing(length=29)
    assert data_of(capture)[0].endswith(b"\r\n\r\n")
    assert "body-missing" in rules_of(capture)


def test_binary_data_that_httpie_does_not_show_is_missing() -> None:
    notice = b"\n+-----\n| NOTE: binary data not shown in terminal |\n+-----\n"
    data = JSON.data.replace(b": 18\n", b": %d\n" % len(notice))
    start = data.index(b"{\x1b[37m")
    capture = read(data[:start] + notice, "x")
    assert capture.connections[0].missing == Missing(length=len(notice))


def test_a_head_that_does_not_end_is_refused() -> None:
    with pytest.raises(CaptureError, match=r"x, line 1: expected a request that HTTPie printed, up to its blank line"):
        read(JSON.data[:120], "x")
