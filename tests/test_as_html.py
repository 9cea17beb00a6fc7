"""The page holds together without a browser: its links lead somewhere, its policy fits, nothing captured acts."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import asgi_inspect
from asgi_inspect import Finding, Severity
from asgi_inspect.render.as_html import as_html
from asgi_inspect.render.elements import element, escaped
from asgi_inspect.span import visible
from tests.commands import HELLO, spawn
from tests.reports import RUNS, inspected, report
from tests.request_table import REQUESTS

VOID = {"meta", "br", "hr", "input"}
RAW = ("style", "script")


class Outline(HTMLParser):
    """Tags, ids, links and text of a page; raises where an element is not closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.described: list[str] = []
        self.attributes: set[str] = set()
        self.content: dict[str, str] = {}
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = dict(attrs)
        self.attributes |= given.keys()
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]
        self.described += [value for name, value in attrs if name == "aria-describedby" and value]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in RAW:
            self.content[self._open[-1]] = self.content.get(self._open[-1], "") + data
        else:
            self.text += data


@pytest.mark.parametrize("name", RUNS)
def test_every_link_leads_to_an_id_and_every_id_is_there_once(name: str) -> None:
    page = Outline(report(name))

    assert [id for id, count in Counter(page.ids).items() if count > 1] == []
    assert {link for link in page.links if not link.startswith("#")} == set()
    assert {link[1:] for link in page.links} - set(page.ids) == set()
    assert set(page.described) - set(page.ids) == set()


@pytest.mark.parametrize("name", ["plain", "raises"])
def test_the_policy_lets_in_the_page_s_own_style_and_script_and_nothing_else(name: str) -> None:
    text = report(name)
    page = Outline(text)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)

    assert policy is not None
    assert page.tags["style"] == page.tags["script"] == 1
    directives = dict(part.strip().split(" ", 1) for part in policy[1].replace("&#x27;", "'").split(";"))
    hashes = {tag: b64encode(sha256(page.content[tag].encode()).digest()).decode() for tag in RAW}
    assert directives == {
        "default-src": "'none'",
        "style-src": f"'sha256-{hashes['style']}'",
        "script-src": f"'sha256-{hashes['script']}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not {name for name in page.attributes if name.startswith("on") or name in ("style", "src")}


def test_the_page_names_nothing_outside_of_itself() -> None:
    """But for the names of XML and what the request itself says."""
    text = report("a stream")

    assert re.findall(r"https?://[^\s\"'<]*", text) == []
    assert "@import" not in text
    assert "url(" not in text


def test_every_part_of_a_dry_run_is_in_the_page() -> None:
    text = Outline(report("raises", exit_code=4)).text

    for part in (
        "GET /hello?name=John HTTP/1.1",
        "accepted, 200, raised",
        "1 error, 2 notes, exit 4",
        'b"name=John"',
        "send http.response.start 200",
        "app-raised-mid-body",
        "return sum(int(part) for part in text.split",
        "Traceback (most recent call last):",
        "The total is ",
        "closed: the application failed",
        "unsupported",
    ):
        assert part in text, part


def test_a_finding_and_its_line_lead_to_each_other() -> None:
    text = report("refused")

    assert re.search(r'<article class="finding error" id="finding-1">.*href="#x1-l3"', text, re.DOTALL)
    assert re.search(r'id="x1-l3">.*?<a class="hint error" href="#finding-1">error: LF alone</a>', text, re.DOTALL)


def test_a_finding_and_its_step_lead_to_each_other() -> None:
    text = report("raises")
    findings = inspected("raises").findings
    raised = next(finding for finding in findings if finding.rule == "app-raised-mid-body")

    assert re.search(rf'<a href="#x1-s{raised.step}" class="to">step {raised.step} of request 1</a>', text)
    assert re.search(r'<a class="badge error" href="#finding-1">error: app-raised-mid-body</a>', text)


HOSTILE = "<script>x=1</script><img src=x onerror=x=1>\"'&\u202e\u2066\0\x1b[31m\ud800</style></noscript><!--]]>"


def test_text_becomes_markup_in_one_way() -> None:
    """No sign of markup, no control character, no bidirectional override, no surrogate is left as it is."""
    text = escaped(HOSTILE)

    assert not re.search("[<>\"'\\x00-\\x1f\u202e\u2066\ud800]", text)
    assert escaped("a & b") == "a &amp; b"
    assert element("p", HOSTILE) == f"<p>{text}</p>"
    assert element("p", element("b", "x"), title=HOSTILE) == f'<p title="{text}"><b>x</b></p>'


@pytest.mark.parametrize("href", ["javascript:x=1", "https://example.org", "//example.org", "x"])
def test_no_link_leaves_the_page(href: str) -> None:
    with pytest.raises(ValueError, match="a link leads to an id of the page"):
        element("a", "x", href=href)


def bytes_shown(page: str, number: int) -> str:
    """The text of the lines in which the bytes of a request stand."""
    start = page.index(f'<div class="bytes" id="x{number}-bytes">')
    lines = page[start : page.index("<summary>The same bytes in hex", start)]
    codes = re.findall(r'<span class="no">\d+</span><code>(.*?)</code>', lines)
    return unescape(re.sub("<[^>]*>", "", "".join(codes)))


def by_bytes(text: str) -> str:
    """A fault may point into a character: then its bytes stand apart, and read the same here."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"[^\0-\x7f]", lambda match: "".join(f"\\x{byte:02x}" for byte in match[0].encode()), text)


@pytest.mark.parametrize("name", sorted(REQUESTS)[::3])
def test_of_any_request_the_head_is_shown_byte_for_byte(name: str) -> None:
    request = REQUESTS[name]
    inspection = asgi_inspect.inspect(request if isinstance(request, bytes) else b"".join(request), strict_bytes=True)
    text = as_html(inspection, body_limit=1 << 20)
    page = Outline(text)

    assert page.tags["script"] == 1
    assert {link[1:] for link in page.links} - set(page.ids) == set()
    for exchange in inspection.exchanges[:30]:
        head = exchange.data[exchange.span.start : min(exchange.head.span.end, exchange.span.end)]
        assert by_bytes(bytes_shown(text, exchange.number)).startswith(by_bytes(visible(head)))


def test_a_request_far_down_is_kept_as_text_for_pages_with_a_script() -> None:
    inspection = asgi_inspect.inspect(HELLO * 40)
    text = as_html(inspection, body_limit=2048)

    assert text.count("<noscript>") == 10
    assert text.index("<noscript>") > text.index('id="x30"')
    assert 'id="x40-scope"' in text


def test_of_very_many_requests_those_that_went_well_have_their_line_only() -> None:
    inspection = asgi_inspect.inspect(HELLO)
    many = tuple(replace(inspection.exchanges[0], number=number) for number in range(1, 2102))
    text = as_html(replace(inspection, exchanges=many), body_limit=2048)

    assert text.count('class="x card brief"') == 101
    assert 'id="x2000-scope"' in text
    assert 'id="x2001-scope"' not in text


def test_bodies_are_folded_and_what_is_hidden_is_told() -> None:
    body = b"0123456789" * 1000
    data = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n" + body
    text = Outline(as_html(asgi_inspect.inspect(data), body_limit=100)).text

    assert "9900 bytes more of the body, sha256 of all " + sha256(body).hexdigest()[:16] in text
    assert text.count("0123456789") < 60


def test_a_finding_whose_source_is_gone_is_told_without_its_lines() -> None:
    inspection = asgi_inspect.inspect(HELLO)
    lost = Finding(rule="lost", severity=Severity.ERROR, message="m", source="no/such/file.py:3", exchange=1, step=1)
    text = as_html(replace(inspection, findings=(lost,)), body_limit=2048)

    assert "no/such/file.py:3" in text


@pytest.mark.parametrize(
    ("arguments", "starts"),
    [
        (("-f", "html"), b"<!doctype html>"),
        (("-f", "svg"), b"<svg"),
        (("-f", "mermaid"), b"sequenceDiagram\n"),
    ],
    ids=str,
)
def test_the_format_is_chosen_by_name(arguments: tuple[str, ...], starts: bytes) -> None:
    ran = spawn("samples/hello.http", *arguments)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(starts)
    assert ran.out.endswith(b"\n")


@pytest.mark.parametrize(
    ("ending", "starts"),
    [("html", "<!doctype"), ("htm", "<!doctype"), ("svg", "<svg"), ("mmd", "seq"), ("mermaid", "seq")],
)
def test_the_ending_picks_the_format(tmp_path: Path, ending: str, starts: str) -> None:
    path = tmp_path / f"report.{ending}"

    assert spawn("samples/hello.http", "-o", path).code == 0
    assert path.read_text().startswith(starts)


def test_findings_about_the_whole_stand_in_a_list_of_cards() -> None:
    """As those of a request do: without the list's gaps one card would touch the next."""
    page = as_html(asgi_inspect.inspect(b"curl https://shop.example/a\n"), body_limit=100)
    section = page.partition("Findings about the whole</h2>")[2].partition("</section>")[0]

    assert section.startswith('<div class="findings">')
    assert section.count('class="finding note"') == 2
