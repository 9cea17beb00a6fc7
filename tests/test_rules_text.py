"""The catalogue on the command line, and findings as other programs read them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

import asgi_inspect
from asgi_inspect.conformance import RULES
from asgi_inspect.render.as_github import as_github
from asgi_inspect.render.as_sarif import as_sarif
from asgi_inspect.render.rules_text import explained, rules_table
from tests.conformance_runs import run


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
