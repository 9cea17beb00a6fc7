"""Options that do nothing in a run are told of, and the run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import spawn

APP = ("--app", "samples.apps.plain:app")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), ""),
        (("--factory",), "--factory has no effect: no application is called without --app MODULE:ATTR"),
        (("--disconnect-after", "1", "-f", "jsonl"), "--disconnect-after has no effect: no application is called "),
        (("--lifespan", "on", *APP), ""),
        (("--ws-text", "a", *APP), "--ws-text has no effect: no request here opens a WebSocket"),
        (("--ws-text", "a"), "--ws-text has no effect: no request here opens a WebSocket"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_does_nothing_is_told(arguments: tuple[str, ...], told: str) -> None:
    ran = spawn("samples/hello.http", *arguments)

    assert ran.code == 0
    assert ran.out
    assert ran.err.startswith(f"asgi-inspect: {told}" if told else "")
    assert ran.err.count("\n") == bool(told)


def test_what_a_websocket_says_has_an_effect() -> None:
    ran = spawn("samples/chat.http", "--app", "samples.apps.chat:app", "--ws-text", "a")

    assert (ran.code, ran.err) == (0, "")


def test_a_setting_of_the_project_waits_for_its_application(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.asgi-inspect]\nfactory = true\napp-dir = "src"\n')

    ran = spawn("-", stdin=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", cwd=tmp_path)

    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("report.pdf", (), "no format has the ending .pdf, so this is text; --format names another"),
        ("report.pdf", ("-f", "html"), ""),
        ("report.log", (), ""),
        ("report", (), ""),
        ("REPORT.JSON", (), ""),
    ],
)
def test_an_ending_that_names_no_format_is_told(tmp_path: Path, name: str, options: tuple[str, ...], told: str) -> None:
    ran = spawn("samples/hello.http", "-o", tmp_path / name, *options)

    assert ran.code == 0
    assert (tmp_path / name).stat().st_size > 100
    assert ran.err == (f"asgi-inspect: {tmp_path / name}: {told}\n" if told else "")
