"""Bytes written as one literal give the true bytes, and are known by what they stand for."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.literals import FORMS, reader, recogniser
from tests.captured import FOLDER, data_of, rules_of

FILES = {
    "xxd-p.binary.txt": "xxd-p",
    "xxd-p.zeros.txt": "xxd-p",
    "od-An-tx1.zeros.txt": "xxd-p",
    "od-An-tu1.binary.txt": "decimals",
    "od-An-tu1.zeros.txt": "decimals",
    "xxd-i.binary.txt": "xxd-i",
    "xxd-i.zeros.txt": "xxd-i",
    "base64.binary.txt": "base64",
    "base64-w0.zeros.txt": "base64",
    "python.binary.txt": "python",
    "python-str.json.txt": "python",
    "json-string.json.txt": "json-string",
}


def dump(file: str) -> bytes:
    return (FOLDER / "dumps" / file).read_bytes()


@pytest.mark.parametrize("file", sorted(FILES))
def test_the_true_bytes(file: str) -> None:
    name = FILES[file]
    assert next(form for form in FORMS if recogniser(form)(dump(file))) == name
    capture = reader(name)(dump(file), file)
    assert data_of(capture) == (dump(file.split(".")[1] + ".bin"),)
    assert capture.fidelity is Fidelity.EXACT
    assert capture.format == name


REFUSED = [
    ("xxd-p", b"474554202f2048545450\n47455\n", "line 3", "do not come in pairs"),
    ("xxd-p", b"474554202f2048545450\nzz\n", "line 2", "two hexadecimal digits"),
    ("decimals", b"  71  69  84  32  47  32  72  84\n*\n", "line 2", "* hides repeated rows"),
    ("decimals", b"[71, 69, 84, 32, 47, 32, 72, 84,\n256]", "line 2", "expected a number up to 255"),
    ("decimals", b"[71, 69, 84, 32, 47, 32, 72, 84", "line 1", "expected the list to end with ]"),
    ("base64", b"R0VUIC8gSFRUUC8xLjENCg0K\n!!\n", "line 2", "expected base64"),
    ("base64", b"R0VUIC8gSFRUUC8xLjENCg0\n", "line 2", "does not end where it should"),
    ("xxd-i", b"unsigned char a[] = {\n 0x47, 0x45,\n 0x5\n};\n", "line 3", "expected 0x"),
    ("xxd-i", b"unsigned char a[] = {\n 0x47, 0x45\n};\nunsigned int a_len = 3;\n", "line 4", "its length says 3"),
    ("python", b"b'GET / HTTP/1.1\n'\n", "line 1", "one Python bytes literal"),
    ("python", b"('a',\n 1)", "line 1", "one Python bytes literal"),
    ("json-string", b'"GET / HTTP/1.1\\q"', "line 1", "one JSON string"),
    ("json-string", b'["GET"]', "line 1", "one JSON string"),
]


@pytest.mark.parametrize(("name", "text", "line", "problem"), REFUSED)
def test_what_does_not_fit_is_told_with_its_line(name: str, text: bytes, line: str, problem: str) -> None:
    with pytest.raises(CaptureError) as refusal:
        reader(name)(text, "file")
    assert str(refusal.value).startswith(f"file, {line}: ")
    assert problem in str(refusal.value)


def test_a_list_of_numbers_is_its_bytes() -> None:
    text = repr(list(b"GET / HTTP/1.1\r\n\r\n")).encode()
    assert recogniser("decimals")(text)
    assert data_of(reader("decimals")(text, "x")) == (b"GET / HTTP/1.1\r\n\r\n",)


def test_od_without_offsets_and_with_a_star_is_refused_by_name() -> None:
    with pytest.raises(CaptureError, match=r"line 7: \* hides repeated rows, .*od -An"):
        reader("xxd-p")(dump("od-An-tx1-star.zeros.txt"), "od.txt")


@pytest.mark.parametrize(
    ("name", "text"), [("json-string", '"GET /é HTTP/1.1\\r\\n"'), ("python", "'GET /é HTTP/1.1\\r\\n'")]
)
def test_characters_are_not_bytes_and_that_is_said(name: str, text: str) -> None:
    capture = reader(name)(text.encode(), "x")
    assert data_of(capture) == ("GET /é HTTP/1.1\r\n".encode(),)
    assert rules_of(capture) == ["encoding-assumed"]
    assert capture.fidelity is Fidelity.REPAIRED


OTHER = [
    b"",
    b'"a string"',
    b'"""See https://a/ for docs."""\n',
    b"'''docs'''",
    b"deadbeef" * 8,
    b"aGVsbG8gd29ybGQgaGVsbG8=",
    b"{ 0x01, 0x02 }",
    b'""',
    b"b''",
]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("text", OTHER)
def test_other_literals_are_not_recognised(name: str, text: bytes) -> None:
    assert recogniser(name)(text) is None


def test_a_response_is_refused() -> None:
    with pytest.raises(CaptureError, match="a response only"):
        reader("python")(b"b'HTTP/1.1 200 OK\\r\\n\\r\\n'", "x")
