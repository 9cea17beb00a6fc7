"""--env-file: each value as python-dotenv reads it, and an error where it would pass over a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from asgi_inspect.env_file import EnvFileError, read_env_file


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


ENV_FILES: list[tuple[str, dict[str, str]]] = [
    ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
    ("# a comment\n\n  A=1\n\texport B=2\n", {"A": "1", "B": "2"}),
    ("A = 1  # note\nB=1#2\nC=#2\nD= # note\n", {"A": "1", "B": "1#2", "C": "#2", "D": ""}),
    ("A=\nB", {"A": ""}),
    ("A='single \\'q\\' $x \\n'", {"A": "single 'q' $x \\n"}),
    ("B=\"double \\\"q\\\" \\n\\t\\\\\" # note", {"B": 'double "q" \n\t\\'}),
    ("A='two\nlines'\nB=2", {"A": "two\nlines", "B": "2"}),
    ("A=x'y\"z\nB=\\n", {"A": "x'y\"z", "B": "\\n"}),
    ("A=1\nB=${A}2\nD='${A}'\nF=$A", {"A": "1", "B": "12", "D": "1", "F": "$A"}),
    ("A\nC=${NOWHERE_AT_ALL:-three}\nE=${NOWHERE_AT_ALL}\nG=${A:-x}", {"C": "three", "E": "", "G": ""}),
    ("\ufeffA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ("'a key'=1\na.b-c=2\nexport=3\n", {"a key": "1", "a.b-c": "2", "export": "3"}),
    ("A=1\nA=2\n", {"A": "2"}),
    ("A=é ü\nB=a=b=c\n", {"A": "é ü", "B": "a=b=c"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values"), ENV_FILES)
def test_an_env_file_is_read_as_python_dotenv_reads_it(text: str, values: dict[str, str]) -> None:
    """Quotes, comments, export, references, several lines."""
    Path("env").write_bytes(text.encode())

    assert read_env_file("env") == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A=1\nhello world\n", "line 2 is not NAME=VALUE: hello world"),
        ("A='1\nB=2\n", "line 1 is not NAME=VALUE: A='1"),
        ('\n\nA="1" 2\n', 'line 3 is not NAME=VALUE: A="1" 2'),
        ("A='x\ny'\n=1\n", "line 3 is not NAME=VALUE: =1"),
        ("A=\0\n", "line 1 is not NAME=VALUE: A=\0"),
        ("'a=b'=1\n", "line 1 is not NAME=VALUE: 'a=b'=1"),
        ("A=\udcff", "byte 2 is not UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_an_error(text: str, said: str) -> None:
    """python-dotenv passes over it; nothing that was written down may be lost here."""
    Path("env").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(EnvFileError) as caught:
        read_env_file("env")

    assert str(caught.value) == f"--env-file env: {said}"
