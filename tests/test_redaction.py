"""`--redact`: a secret is in no output, whatever its place, its writing and the format; and nothing else is lost."""

from __future__ import annotations

import json
import re
import time
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import h2.connection
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asgi_inspect import Folded, inspect
from asgi_inspect.cli import run
from asgi_inspect.redaction import Redaction, hidden_text
from asgi_inspect.redaction.names import Names
from asgi_inspect.redaction.needles import ways_to_write
from asgi_inspect.report import FORMATS
from tests.apps.leaky import FRESH
from tests.commands import COLOUR, ROOT, SAMPLES, Ran, at_terminal, spawn
from tests.websocket_cases import deflated, frame, handshake, text

_FORM = "application/x-www-form-urlencoded"
S = "Zq7-s3cr3t/Vx+9"  # needs escapes in a query and none in a header
T = 'tück"isch\\es&=%;'  # needs them everywhere
DATE = "Thu, 01 Jan 1970 00:00:00 GMT"
FORMS = sorted({*FORMATS.values(), "github"})


def request(target: str = "/", *fields: str, body: bytes = b"", type_: str = "") -> bytes:
    lines = [f"POST {target} HTTP/1.1", "Host: x", *fields, *([f"Content-Type: {type_}"] if type_ else [])]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    head = request("/", "Transfer-Encoding: chunked", type_=_FORM).replace(b"Content-Length: 0\r\n", b"")
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer + b"\r\n"


def http2(target: str, *fields: tuple[str, str], body: tuple[bytes, ...]) -> bytes:
    """One stream of a client, as h2 writes it."""
    client = h2.connection.H2Connection()
    client.initiate_connection()
    pseudo = [(":method", "POST"), (":path", target), (":scheme", "http"), (":authority", "x")]
    client.send_headers(1, [*pseudo, *fields])
    for number, piece in enumerate(body, 1):
        client.send_data(1, piece, end_stream=number == len(body))
    return bytes(client.data_to_send())


def multipart(value: str) -> bytes:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = (part.format("note", "seen"), part.format("password", value), part.format("more", "seen too"))
    return ("--b0und\r\n" + "--b0und\r\n".join(parts) + "--b0und--\r\n").encode()


PLACES: dict[str, tuple[bytes, list[str]]] = {
    "bearer": (request("/", f"Authorization: Bearer {S}"), [S]),
    "basic": (request("/", f"Authorization: Basic {b64encode(f'joe:{S}'.encode()).decode()}"), [S]),
    "no scheme": (request("/", f"authorization: {S}"), [S]),
    "proxy": (request("/", f"Proxy-Authorization: Digest {S}"), [S]),
    "cookie": (request("/", f'Cookie: theme="{S[:12]}"; a={quote(T)}'), [S[:12], T]),
    "cookie without a name": (request("/", f"Cookie: {S}"), [S]),
    "api key": (request("/", f"X-Api-Key: {S}"), [S]),
    "other headers": (request("/", f"X-Auth-Token: {S}1", f"x-amz-security-token: {S}2", f"Api-Key: {S}3"), [S]),
    "folded": (request("/", f"Authorization: Bearer\r\n  {S}"), [S]),
    "query": (request(f"/?a=1&token={quote(S)}&access_token={quote_plus(T)}#x"), [S, T]),
    "encoded name": (request(f"/?pass%77ord={quote(T)}&user%5Bsecret%5D={quote(S, safe='')}"), [S, T]),
    "path": (request(f"/x;jsessionid={quote(S)}/y"), [S]),
    "absolute": (request(f"http://joe:{quote(S, safe='')}@h/p"), [S]),
    "referer": (request("/", f"Referer: http://h/cb?id_token={quote(S)}&x=1"), [S]),
    "form": (
        request(body=f"user=joe&passwd={quote_plus(T)}&client_secret={quote_plus(S)}".encode(), type_=_FORM),
        [S, T],
    ),
    "form with spaces": (request(body=b"password=correct horse battery", type_=_FORM), ["correct horse", "battery"]),
    "json": (
        request(body=json.dumps({"user": "joe", "password": T, "apiKey": S}).encode(), type_="application/json"),
        [S, T],
    ),
    "json inside": (
        request(body=json.dumps({"a": [{"credentials": {"x": [S, 12345678]}, "b": "seen"}]}).encode()),
        [S, "12345678"],
    ),
    "json escaped": (request(body=json.dumps({"p\u0061ssword": T}).replace("pass", "p\\u0061ss").encode()), [T]),
    "json cut": (request(body=b'{"token": "' + S.encode()), [S]),
    "multipart": (request(body=multipart(T), type_="multipart/form-data; boundary=b0und"), [T]),
    "text": (request(body=f"dear log, token={S}, and so on".encode(), type_="text/plain"), [S]),
    "chunks": (chunked(b"a=1&pass", b"word=" + S[:6].encode(), S[6:].encode() + b"&b=2"), [S, S[:6], S[6:]]),
    "trailer": (chunked(b"a=1", trailer=f"X-Api-Key: {S}\r\n".encode()), [S]),
    "chunk extension": (chunked(b"a=1").replace(b"3\r\n", f"3;token={S}\r\n".encode()), [S]),
    "gzip": (
        request("/", "Content-Encoding: gzip", body=zlib.compress(f"password={S}".encode(), wbits=31), type_=_FORM),
        [S],
    ),
    "compressed answer": (request("/", f"X-Api-Key: {S}", "Accept-Encoding: gzip"), [S]),
    "refused": (
        f"GET /?token={S} HTTP/1.1\r\nHost: x\r\nX-Api-Key : {S}1\r\nAuthorization: Bearer {S}2\r\n\r\n".encode(),
        [S],
    ),
    "not whole": (
        f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\nCookie: a={S}\r\n\r\npassword={T}".encode(),
        [S, T],
    ),
    "behind a close": (
        request("/", "Connection: close") + f"GET /?token={S} HTTP/1.1\r\nCookie: a={S}1\r\n\r\n".encode(),
        [S],
    ),
    "no request": (f"password={S}\r\nAuthorization: Bearer {S}2\r\n".encode(), [S]),
    "pipelined": (request() + request("/", f"Cookie: sid={S}") + request(f"/{quote(S)}"), [S]),
    "websocket": (
        handshake()
        + text(json.dumps({"token": T}))
        + frame(1, f"password={S[:6]}".encode(), final=False)
        + frame(0, S[6:].encode()),
        [T, S],
    ),
    "http2": (
        http2(f"/?token={quote(S)}", ("x-api-key", S), body=(b"password=" + S[:5].encode(), S[5:].encode())),
        [S],
    ),
    "curl": (f"curl http://x/?token={quote(S)} -u joe:{S} -d 'password={S}'".encode(), [S]),
}


def written(secret: str) -> set[str]:
    """The ways to write a secret that a grep would look for."""
    return {way.decode("latin-1") for way in ways_to_write(secret.encode()) if len(way) >= 4}


def leaks(output: bytes, secrets: list[str]) -> list[str]:
    """The secrets that stand in an output; wrapped lines are joined first."""
    joined = re.sub(rb"[\s|]+", b"", output)
    found = []
    for secret in secrets:
        for way in written(secret):
            data = way.encode("latin-1")
            if data in output or re.sub(rb"[\s|]+", b"", data) in joined:
                found.append(f"{secret!r} as {way!r}")
    return found


@pytest.fixture
def command(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ran]:
    """The command in this process; what is written below Python is seen, too."""
    monkeypatch.chdir(ROOT)

    def call(data: bytes, *arguments: str) -> Ran:
        (tmp_path / "capture").write_bytes(data)
        code = run([str(tmp_path / "capture"), *arguments])
        captured = capfdbinary.readouterr()
        return Ran(code, captured.out, captured.err.decode("latin-1"))

    return call


@pytest.mark.parametrize("place", PLACES)
def test_no_format_tells_a_secret(command: Callable[..., Ran], place: str) -> None:
    data, secrets = PLACES[place]
    for form in FORMS:
        for more in (("--app", "tests/apps/leaky.py:app"), ("--read-size", "7", "--parser", "both")):
            ran = command(data, "--redact", "-f", form, "--body-limit", "100000", *more)

            assert leaks(ran.out + ran.err.encode("latin-1"), [*secrets, FRESH]) == [], (form, ran.text)
            assert ran.code in (0, 1, 3, 4), (ran.code, ran.err)


@pytest.mark.parametrize("place", PLACES)
def test_these_secrets_would_be_told_without_it(command: Callable[..., Ran], place: str) -> None:
    """Else the test above could not fail."""
    data, secrets = PLACES[place]
    ran = command(data, "-f", "text", "--body-limit", "100000", "--app", "tests/apps/leaky.py:app")

    assert leaks(ran.out + ran.err.encode("latin-1"), secrets[:1])


# Nothing else is lost


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.name != "chat.http"], ids=lambda path: path.name)
@pytest.mark.parametrize("parser", ["h11", "httptools"])
def test_what_holds_no_secret_is_told_as_ever(path: Path, parser: str) -> None:
    data = path.read_bytes()

    assert inspect(data, parser=parser, redact=True, date=DATE) == inspect(data, parser=parser, date=DATE)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("parser", ["h11", "httptools"])
def test_lengths_lines_and_spans_stay_true(place: str, parser: str) -> None:
    if place == "http2":
        return  # to these parsers its preface is a request that they refuse
    plain, hidden = (inspect(PLACES[place][0], parser=parser, date=DATE, redact=redact) for redact in (False, True))

    for one, other in zip(plain.capture.connections, hidden.capture.connections, strict=True):
        assert len(one.data) == len(other.data)
        assert [at for at, byte in enumerate(one.data) if byte in b"\r\n"] == [
            at for at, byte in enumerate(other.data) if byte in b"\r\n"
        ]
    for before, after in zip(plain.exchanges, hidden.exchanges, strict=True):
        assert (before.span, before.verdict, before.outcome) == (after.span, after.verdict, after.outcome)
        assert [len(m.get("body", b"")) for m in before.receive] == [len(m.get("body", b"")) for m in after.receive]
        assert [list(m) for m in before.receive] == [list(m) for m in after.receive]
        assert before.head.lines == after.head.lines
        assert shape(before.scope) == shape(after.scope)
        assert before.provenance.get("headers") == after.provenance.get("headers")
        assert before.body == after.body
    assert [(f.rule, f.span, f.line, f.column) for f in plain.findings] == [
        (f.rule, f.span, f.line, f.column) for f in hidden.findings
    ]


def shape(value: Any) -> Any:
    """Types and lengths."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [type(value), *map(shape, value)]
    return (type(value), len(value)) if isinstance(value, str | bytes) else value


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (b'{"password": "abc", "n": 1}', b'{"password": "***", "n": 1}'),
        (b'{"password": "a\\"\\u00e9", "n": [true, null]}', b'{"password": "*********", "n": [true, null]}'),
        (
            b'{"pin": 1234, "at": 1234, "sid": 7, "jwt": null}',
            b'{"pin": "**", "at": "**", "sid": 0, "jwt": null}',
        ),
        (
            b'{"session": {"a": "joe", "b": ["x", 15]}, "z": 2}',
            b'{"session": {"a": "***", "b": ["*", ""]}, "z": 2}',
        ),
        (b'[{"token" : "abc"}, "token=abcd", "abcd"]', b'[{"token" : "***"}, "token=****", "****"]'),
    ],
)
def test_json_stays_json(body: bytes, left: bytes) -> None:
    (message,) = inspect(request(body=body, type_="application/json"), redact=True).exchanges[0].receive

    assert message["body"] == left
    json.loads(left)


def test_a_short_secret_is_hidden_where_it_stands_and_nowhere_else() -> None:
    """Else every `a` of the report would be a star."""
    hidden = inspect(
        request("/banana?token=a&b=a", "Cookie: x=a; y=bc", body=b"password=a&q=a", type_=_FORM), redact=True
    )
    (exchange,) = hidden.exchanges

    assert exchange.scope is not None
    assert (exchange.scope["path"], exchange.scope["query_string"]) == ("/banana", b"token=*&b=a")
    assert (b"cookie", b"x=*; y=**") in exchange.scope["headers"]
    assert exchange.receive[0]["body"] == b"password=*&q=a"


def test_schemes_and_the_names_of_cookies_are_kept() -> None:
    fields = ("Authorization: Bearer abc", "Proxy-Authorization: abc", 'Cookie: a="b c"; d; e=f')
    (exchange,) = inspect(request("/", *fields), redact=True).exchanges

    assert exchange.request is not None
    told = dict(exchange.request.headers)
    assert told[b"authorization"] == b"Bearer ***"
    assert told[b"proxy-authorization"] == b"***"
    assert told[b"cookie"] == b'a="***"; *; e=*'


# Names


SECRET = """token access_token refreshToken id-token x-csrf-token csrfmiddlewaretoken password PASSWD new_password
    password2 passwordConfirmation db_passwd pwd secret client_secret apiKey api_key X-API-KEY aws_secret_access_key
    session sessionid PHPSESSID JSESSIONID sid jwt user[password] a.b.token[0]"""
OPEN = """tokens_used max_tokens user name key id passenger secretary authority sessions page cookie_policy accept
    host"""


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *((name, True) for name in SECRET.split()),
        *((name, False) for name in OPEN.split()),
        ("", False),
        ("token" * 1000, False),
    ],
)
def test_which_names_are_secret(name: str, secret: bool) -> None:
    assert (name in Names()) is secret
    assert (name.encode() in Names()) is secret


@pytest.mark.parametrize("place", [f"GET /?card={S}", f"GET /?x[Card]={S}", f"X-Card: {S}", f'{{"card": "{S}"}}'])
def test_more_names_are_given(command: Callable[..., Ran], place: str) -> None:
    data = {
        "G": request(place[4:]),
        "X": request("/", place),
        "{": request(body=place.encode()),
    }[place[0]]
    for form in FORMS:
        told = command(data, "--redact", "--redact-field", "x-card", "--redact-field", "CARD", "-f", form)
        assert leaks(told.out, [S]) == []
    assert leaks(command(data, "--redact").out, [S])
    named = ("--redact-field", "card", "--redact-field", "X_CARD")
    assert leaks(command(data, *named).out, [S]) == []
    assert leaks(command(data, *named, "--no-redact").out, [S])


def test_a_field_without_a_name_is_refused(command: Callable[..., Ran]) -> None:
    ran = command(request(), "--redact-field", " -")

    assert (ran.code, ran.out) == (2, b"")
    assert ran.err == "asgi-inspect: --redact-field must be the name of a header or a field, not ' -'\n"


def test_what_a_finding_quotes_in_part_is_hidden() -> None:
    """A long target is cut where a message quotes it."""
    data = request(f"/?token={'s3cr3t-' * 40}", f"Host: token={'s3cr3t-' * 40}")
    hidden = inspect(data, redact=True)

    assert any("s3cr3…" in finding.message for finding in inspect(data).findings)
    assert "s3cr3t" not in repr(hidden) + str(hidden.capture.connections[0].data)


# Where else a secret may come out


def test_what_the_application_prints_is_held_back_until_it_is_clean(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(request("/", f"X-Api-Key: {S}"))
    ran = spawn(tmp_path / "x", "--redact", "--app", "tests/apps/leaky.py:app")

    assert "reading ***************" in ran.err
    assert leaks(ran.out + ran.err.encode(), [S]) == []
    shown = at_terminal(tmp_path / "x", "--redact", "--app", "tests/apps/leaky.py:app", "--show", "bytes,response")
    assert leaks(COLOUR.sub("", shown.text).encode() + shown.err.encode(), [S]) == []
    assert "Api-Key" in shown.text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (f"print('token={S}'); raise ValueError('password={S}')", "ValueError: password=***************"),
        (f"import nothing_called_so  # token={S}", "token=***************"),
        (f"app = 'api_key={S}'", "api_key=***************"),
    ],
)
def test_an_application_that_cannot_be_loaded_is_told_without(tmp_path: Path, code: str, told: str) -> None:
    (tmp_path / "bad.py").write_text(code + "\n")
    ran = spawn("--redact", "--app", "bad:app", stdin=request(), cwd=tmp_path)

    assert ran.code == 2
    assert told in ran.err
    assert leaks(ran.err.encode(), [S]) == []


def test_a_capture_that_is_refused_is_told_without(tmp_path: Path) -> None:
    ran = spawn("--redact", "--from", "curl-command", stdin=f"curl --nonsense token={S} http://x".encode())

    assert ran.code == 2
    assert leaks(ran.err.encode(), [S]) == []


def test_compressed_frames_are_hidden_in_the_bytes_and_read_in_the_messages() -> None:
    field = b"Sec-WebSocket-Extensions: permessage-deflate"
    data = handshake(field) + b"".join(deflated(f"password={S}".encode(), b"nothing of the sort"))
    hidden = inspect(data, redact=True)

    assert [message.get("text") for message in hidden.exchanges[0].receive[1:3]] == [
        "password=***************",
        "nothing of the sort",
    ]
    (frames,) = [client.data[len(handshake(field)) :] for client in hidden.capture.connections]
    key = frames[2:6]
    assert bytes(byte ^ key[at % 4] for at, byte in enumerate(frames[6 : 6 + (frames[1] & 0x7F)])).strip(b"*") == b""


def test_the_hash_of_what_is_folded_is_hidden() -> None:
    """A hash would let one try which password fits."""
    body = f"password={S}&x=".encode() + b"x" * 3_000_000
    (message,) = inspect(request(body=body, type_=_FORM), redact=True, read_size=1 << 30).exchanges[0].receive

    assert isinstance(message["body"], Folded)
    assert message["body"].head.startswith(b"password=***************&x=")
    assert set(message["body"].sha256) == {"*"}


def test_a_secret_that_goes_on_behind_what_is_folded_is_hidden() -> None:
    """After a megabyte only the beginning of each message is kept: one may begin in the middle of a secret."""
    rows = b"&".join(b"token%d=secret-%d-%01500d" % (number, number, number) for number in range(1_000))
    body = rows.replace(b"token", b"x_token=")
    messages = inspect(request(body=body, type_=_FORM), redact=True, parser="httptools").exchanges[0].receive
    heads = [m["body"].head for m in messages if isinstance(m["body"], Folded)]

    assert len(heads) > 5
    assert [head for head in heads[1:] if head.strip(b"*")] == []
    assert b"-" not in heads[0]


def test_hiding_twice_changes_nothing_more() -> None:
    for data, _ in PLACES.values():
        hidden = inspect(data, redact=True, date=DATE)
        again = Redaction(hidden, hidden.capture, hidden.exchanges, ()).hide(hidden)
        assert again == hidden


# Whatever the secret is


def placed(secret: str) -> dict[str, bytes]:
    """A request for each writing."""
    value = quote(secret, safe="")
    latin = secret.encode()
    return {
        "query": request(f"/?x=1&token={value}"),
        "form": request(body=f"password={quote_plus(secret)}&x=1".encode(), type_=_FORM),
        "json": request(body=json.dumps({"x": 1, "secret": secret}).encode()),
        "raw json": request(body=json.dumps({"x": 1, "secret": secret}, ensure_ascii=False).encode()),
        "basic": request("/", f"Authorization: Basic {b64encode(b'joe:' + latin).decode()}"),
        "cookie": request("/", f"Cookie: sid={value}"),
        "chunks": chunked(b"password=" + value.encode()[:3], value.encode()[3:]),
    }


@settings(max_examples=150, deadline=None)
@given(
    secret=st.text(min_size=4, max_size=40),
    place=st.sampled_from(sorted(placed("x"))),
    size=st.sampled_from([3, 17, 65536]),
)
@example(secret='\\"\\"', place="json", size=65536)
@example(secret="%25%25", place="query", size=3)
@example(secret="++++", place="form", size=3)
def test_no_secret_is_told_whatever_it_is(secret: str, place: str, size: int) -> None:
    if secret.strip().lower() in ("", "true", "false", "null", "none", "undefined", "basic", "bearer"):
        return
    inspection = inspect(placed(secret)[place], redact=True, read_size=size, date=DATE)
    told = repr(inspection) + "".join(str(client.data) for client in inspection.capture.connections)
    plain = repr(inspect(placed("****")[place], read_size=size, date=DATE))

    assert [way for way in written(secret) if way in told and way not in plain and len(way) > 6] == []


# It takes no long


@pytest.mark.parametrize(
    "body",
    [
        b'"' * 300_000,
        b'\\"' * 150_000,
        b"token=" * 50_000,
        b"password=aaaaaaaaa" + b"a" * 300_000,
        b"password=" + b"ab" * 4000 + b"&x=" + b"ab" * 150_000,
        b"{" * 300_000,
        b"token:" + b" " * 300_000,
        b"a=&" * 50_000,
        b"--\r\n" * 70_000,
        b"://" * 100_000,
        b"cookie: " + b";" * 100_000,
        b"bearer " * 40_000,
        b"\\" * 300_000,
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("type_", [_FORM, "application/json", "multipart/form-data", "text/plain"])
def test_no_body_takes_long(body: bytes, type_: str) -> None:
    began = time.process_time()
    inspect(request(body=body, type_=type_), redact=True, parser="httptools")

    assert time.process_time() - began < 15  # quadratic, each would take minutes


def test_many_secrets_take_no_longer_each() -> None:
    def seconds(count: int) -> float:
        data = b"".join(request("/", f"Authorization: Bearer eyJhbGciOi{number:020}") for number in range(count))
        began = time.process_time()
        inspect(data, redact=True, parser="httptools")
        return time.process_time() - began

    assert seconds(2000) < 20 * max(seconds(200), 0.05)


def test_text_without_an_inspection() -> None:
    assert hidden_text(f"cannot read token={S}", ()) == "cannot read token=***************"
    assert hidden_text(f"cannot read card: {S}", ("card",)) == "cannot read card: ***************"
