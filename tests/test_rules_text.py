"""The catalogue on the command line, and findings as other programs read them."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

import asgi_inspect
from asgi_inspect import websocket_findings
from asgi_inspect.conformance import RULES
from asgi_inspect.conversation import Conversation, FrameFault
from asgi_inspect.render.as_github import as_github
from asgi_inspect.render.as_sarif import as_sarif
from asgi_inspect.render.rules_text import entries, explained, rules_table
from tests.conformance_runs import run

ROOT = Path(__file__).parent.parent
HELLO = str(ROOT / "samples" / "hello.http")


def rule(id: str) -> asgi_inspect.conformance.Rule:
    return next(rule for rule in RULES if rule.id == id)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "asgi_inspect", *arguments], capture_output=True, text=True, timeout=60
    )


def test_the_table_has_every_rule() -> None:
    lines = rules_table().splitlines()

    assert {rule.id for rule in RULES} <= {line.split()[1] for line in lines}


@pytest.mark.parametrize("id", [rule.id for rule in RULES])
def test_each_rule_is_explained(id: str) -> None:
    """With why, the clause, the reactions, and both of its examples, which test_conformance.py runs."""
    text = explained(id)
    found = rule(id)

    assert text.startswith(f"{found.severity}[{id}]\n")
    assert "wrong:" in text
    assert "right:" in text
    assert "async def app" in text or "def app" in text


def test_a_fault_of_the_bytes_is_explained_too() -> None:
    assert "spec: RFC 9112" in explained("content-length-conflicting")


def test_the_command_line_prints_both() -> None:
    table, one, none = command("--rules"), command("--explain", "body-not-bytes"), command("--explain", "body-not-byte")

    assert (table.returncode, table.stdout) == (0, rules_table())
    assert (one.returncode, one.stdout) == (0, explained("body-not-bytes"))
    assert none.returncode == 2
    assert "did you mean body-not-bytes" in none.stderr


def named_in_the_code() -> set[str]:
    """What stands as rule="…" in a call, and the names that tables or f-strings make."""
    made = {f"{kind}-left-running" for kind in ("task", "thread")}
    made |= {"bytes-lost", "parsers-disagree", "parsers-build-different-scopes", "parsers-read-different-bodies"}
    made |= {id for pair, *_ in websocket_findings._FIELDS.values() for id in pair}
    for file in (ROOT / "asgi_inspect").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "rule" and isinstance(node.value, ast.Constant):
                made.add(str(node.value.value))
    return made - {""}


def test_whatever_a_finding_is_named_is_in_the_table_and_explained() -> None:
    known = {entry.id for entry in entries()}

    assert named_in_the_code() - known == set()
    assert explained("not-the-wire").startswith("warning[not-the-wire]\n\na capture that keeps the request")


@pytest.mark.parametrize("words", [words for words, *_ in websocket_findings._FRAMES] + ["", "unexpected end of data"])
def test_the_fault_of_a_frame_is_in_the_table(words: str) -> None:
    fault = FrameFault(code=1002, words=words, span=None, told=True, lost=0)
    rule, _, _ = websocket_findings._rule_of(fault, Conversation(handshake_end=0))

    assert f"websocket-{rule}" in {entry.id for entry in entries()}


def test_names_stand_once() -> None:
    ids = [entry.id for entry in entries()]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_slip_in_the_name_of_a_rule_is_refused(option: str) -> None:
    """It would hide all findings, or none, and nobody would know."""
    slip, prefix = command(HELLO, option, "host-mising"), command(HELLO, option, "host,parsers-")

    assert slip.returncode == 2
    assert f"{option}: no rule begins with 'host-mising'; did you mean host-missing" in slip.stderr
    assert prefix.returncode == 0


def test_annotations_name_file_and_line() -> None:
    inspection = run(rule("header-value-crlf").wrong)

    [line] = as_github(inspection).splitlines()

    assert line.startswith("::error title=header-value-crlf,file=shop/views.py,line=2::the value of x-note has a line")


def test_what_was_captured_cannot_begin_a_command_of_its_own() -> None:
    inspection = asgi_inspect.inspect(b"GET / HTTP/1.1\r\nHost: x\r\n::error::a\x1b b\r\n\r\n")

    assert all(line.startswith(("::error title=", "::warning title=")) for line in as_github(inspection).splitlines())
    assert "\x1b" not in as_github(inspection)


@pytest.mark.parametrize("id", ["header-value-crlf", "response-not-started", "event-loop-blocked"])
def test_sarif_is_what_its_schema_says(id: str) -> None:
    """Read by classes that were made from the schema, which refuse what it does not know."""
    report = json.loads(as_sarif(run(rule(id).wrong)))

    read = Sarif.model_validate(report)

    results = read.runs[0].results
    assert results is not None
    assert id in [result.ruleId for result in results]
    assert report["runs"][0]["tool"]["driver"]["name"] == "asgi-inspect"


def test_sarif_points_at_the_line_of_the_application() -> None:
    [result] = json.loads(as_sarif(run(rule("header-value-crlf").wrong)))["runs"][0]["results"]

    [location] = result["locations"]
    assert location == {"physicalLocation": {"artifactLocation": {"uri": "shop/views.py"}, "region": {"startLine": 2}}}


def test_sarif_points_into_the_capture(tmp_path: Path) -> None:
    capture = tmp_path / "two lengths.http"
    capture.write_bytes(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")

    done = command(str(capture), "--format", "sarif")

    report = json.loads(done.stdout)
    Sarif.model_validate(report)
    place = report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/two%20lengths.http")
    assert place["region"]["startLine"] == 4
