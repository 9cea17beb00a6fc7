"""Mermaid's text: each line of the grammar that is used, and nothing that a request could add to it."""

from __future__ import annotations

import re

import pytest

import asgi_inspect
from asgi_inspect.render.as_mermaid import as_mermaid
from tests.reports import RUNS, inspected
from tests.request_table import REQUESTS

# What of Mermaid's sequence diagrams is used; texts are words, harmless signs and numbered entities.
TEXT = r"(?:[\w ./,()+*=?!'-]|#\d+;)*"
LINE = re.compile(
    rf"sequenceDiagram|    (?:participant L\d as {TEXT}|L\d(?:->>|-->>|-x)L\d: {TEXT}|Note over L\d(?:,L\d)?: {TEXT})"
)


def strange(text: str) -> list[str]:
    """Lines that are none of these."""
    return [line for line in text.removesuffix("\n").split("\n") if not LINE.fullmatch(line)]


@pytest.mark.parametrize("name", RUNS)
def test_every_line_is_of_the_grammar(name: str) -> None:
    text = as_mermaid(inspected(name))

    assert text.startswith("sequenceDiagram\n    participant L0 as client\n")
    assert strange(text) == []


@pytest.mark.parametrize("name", sorted(REQUESTS)[::4])
def test_no_request_adds_a_line_of_its_own(name: str) -> None:
    request = REQUESTS[name]
    data = request if isinstance(request, bytes) else b"".join(request)

    assert strange(as_mermaid(asgi_inspect.inspect(data))) == []


@pytest.mark.parametrize(
    "target",
    [
        b"/;L0->>L1:injected",
        b"/%%{init:{'theme':'dark'}}%%",
        b"/#35;#quot;",
        b"/<script>x=1</script><br>",
        b"/end;end",
        b"/wrap:x:nowrap:x",
        b"/$$\\href{javascript:x}{x}$$",
        b"/\xe2\x80\xae\xff",
    ],
)
def test_what_mermaid_would_obey_is_written_as_entities(target: bytes) -> None:
    text = as_mermaid(asgi_inspect.inspect(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n"))

    assert strange(text) == []
    assert not re.search(r"[<>$%{}\\&\"]|;(?!.)", re.sub(r"#\d+;|->>|-->>", "", text).replace("\n", ""))
    assert not re.search(r"\b(end|wrap|nowrap)\b", text)
