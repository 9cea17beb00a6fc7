"""Splits a command line into words as bash or cmd would, and never runs any of it.

What only a shell can know (variables, substitutions, files) stays as it is written and is told.
Words are bytes, since a shell hands bytes to programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .refusal import refuse

_PIECE = re.compile(
    rb"(?P<plain>[^\s'\"\\$`|&;<>()]++)"
    rb"|(?P<single>'[^']*+')"
    rb"|\$(?P<ansi>'(?:[^'\\]++|\\.)*+')"
    rb"|\$?(?P<double>\"(?:[^\"\\]++|\\.)*+\")"
    rb"|(?P<join>\\\r?\n)"
    rb"|(?P<escape>\\.)"
    rb"|(?P<unknown>\$\w+|\$\{[^}\n]*\}|\$\([^)\n]*\)|`[^`\n]*`|\$[?@#*!$-])"
    rb"|(?P<dollar>\$)",
    re.DOTALL,
)
_IN_DOUBLE = re.compile(rb"\\(?:(\r?\n)|([$`\"\\]))|(\$\w+|\$\{[^}\n]*\}|\$\([^)\n]*\)|`[^`\n]*`)", re.DOTALL)
_ANSI = re.compile(
    rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(.)|(.))", re.DOTALL
)
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_ANSI_NAMED: Final = dict(zip(b"abeEfnrtv", b"\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_BLANK = re.compile(rb"(?:[ \t\r]|\\\r?\n(?:> )?)+")
_COMMENT = re.compile(rb"#[^\n]*")
_REDIRECT = re.compile(rb"(?:\d|&)?(>>|>\||>&|<&|>|<<<|<<-?|<)")
_END = re.compile(rb"&&|\|\||;;?|&|\n|\|&?")
_HERE_WORD = re.compile(rb"[ \t]*(['\"]?)(\w+)\1")
_TODO: Final = "Paste the whole command"


@dataclass(slots=True)
class Command:
    """One program with its words; `stdin` is a here-document's text, `doubts` what only a shell knows."""

    offset: int
    words: list[bytes] = field(default_factory=list)
    stdin: bytes | None = None
    doubts: list[str] = field(default_factory=list)
    piped: bool = False  # the command before writes into this one


def bash_commands(text: bytes, source: str) -> list[Command]:
    """The commands of a line or script, in order."""
    return _Bash(text, source).commands()


@dataclass(slots=True)
class _Bash:
    text: bytes
    source: str
    position: int = 0
    here: list[tuple[Command, bytes]] = field(default_factory=list)

    def commands(self) -> list[Command]:
        found = [Command(0)]
        while self.position < len(self.text):
            command = found[-1]
            if blank := _BLANK.match(self.text, self.position):
                self.position = blank.end()
            elif comment := _COMMENT.match(self.text, self.position):
                self.position = comment.end()
            elif redirect := _REDIRECT.match(self.text, self.position):
                self._redirect(command, redirect)
            elif end := _END.match(self.text, self.position):
                self._end(command, end)
                found.append(Command(self.position, piped=end[0].startswith(b"|") and end[0] != b"||"))
            else:
                command.offset = command.offset if command.words else self.position
                command.words.append(self._word(command))
        return [command for command in found if command.words]

    def _end(self, command: Command, end: re.Match[bytes]) -> None:
        self.position = end.end()
        if end[0] == b"&" and command.words and self.text[end.start() - 1 : end.start()].strip():
            command.doubts.append("the shell ends the command at an & without quotes")
        if end[0] == b"\n":
            self._read_here()

    def _word(self, command: Command) -> bytes:
        parts: list[bytes] = []
        begin = self.position
        while piece := _PIECE.match(self.text, self.position):
            self.position = piece.end()
            parts.append(_value(piece, command))
        if self.position == begin:
            quote = self.text[begin : begin + 1].decode("latin-1")
            raise refuse(self.source, self.text, begin, f"the {quote} there has no end or no meaning here", _TODO)
        return b"".join(parts)

    def _redirect(self, command: Command, redirect: re.Match[bytes]) -> None:
        self.position = redirect.end()
        kind = redirect[1]
        if kind in (b"<<", b"<<-") and (word := _HERE_WORD.match(self.text, self.position)):
            self.position = word.end()
            self.here.append((command, word[2]))
            return
        if blank := _BLANK.match(self.text, self.position):
            self.position = blank.end()
        target = self._word(command)
        if kind == b"<<<":
            command.stdin = target + b"\n"

    def _read_here(self) -> None:
        """The here-documents that begin on the line that ended."""
        for command, word in self.here:
            end = re.compile(rb"(?m)^\t*" + re.escape(word) + rb"\r?$").search(self.text, self.position)
            if end is None:
                problem = f"the here-document that ends at {word.decode('latin-1')} does not end"
                raise refuse(self.source, self.text, self.position, problem, _TODO)
            command.stdin = self.text[self.position : end.start()]
            self.position = end.end()
        self.here.clear()


def _value(piece: re.Match[bytes], command: Command) -> bytes:
    kind = piece.lastgroup
    text = piece[kind] if kind else b""
    if kind == "single":
        return text[1:-1]
    if kind == "ansi":
        return ansi_c(text[1:-1], command)
    if kind == "double":
        return _IN_DOUBLE.sub(lambda found: _in_double(found, command), text[1:-1])
    if kind == "escape":
        return text[1:]
    if kind == "unknown":
        command.doubts.append(f"{text.decode('utf-8', 'replace')} has a value that only the shell knows")
    return b"" if kind == "join" else text


def _in_double(found: re.Match[bytes], command: Command) -> bytes:
    if found[3]:
        command.doubts.append(f"{found[3].decode('utf-8', 'replace')} has a value that only the shell knows")
        return found[3]
    return found[2] or b""


def ansi_c(text: bytes, command: Command) -> bytes:
    """What `$'…'` stands for in bash; a NUL ends it, as no argument can hold one."""
    value = _ANSI.sub(_ansi_character, text)
    before, nul, _ = value.partition(b"\0")
    if nul:
        command.doubts.append("a shell cuts $'…' at the NUL in it")
    if _SURROGATE.search(before):
        command.doubts.append("a shell writes \\ud800 to \\udfff each by itself, which is no UTF-8")
    return before


def _ansi_character(found: re.Match[bytes]) -> bytes:
    octal, hexadecimal, short, long, control, other = found.groups()
    if octal or hexadecimal:
        return bytes((int(octal or hexadecimal, 8 if octal else 16) & 0xFF,))
    if short or long:
        code = int(short or long, 16)
        return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else found[0]
    if control:
        return bytes((control[0] & 0x1F,))
    named = _ANSI_NAMED.get(other[0])
    if named is not None:
        return bytes((named,))
    return other if other in b"\\'\"?" else found[0]


def cmd_commands(text: bytes, source: str) -> list[Command]:
    """The commands of a text for Windows' cmd: carets first, then quotes as a C program reads them."""
    found = []
    for line, blanks in _without_carets(text):
        if line.strip():
            command = Command(max(text.find(line[:8]), 0), words=list(_c_words(line, source)))
            if blanks:
                command.doubts.append(
                    f"{blanks} of the blanks (^ and a blank) are what browsers put for other characters"
                )
            found.append(command)
    return found


# An & between blanks ends a command; browsers write it between those of "Copy all as cURL (cmd)".
_CARET = re.compile(rb"\^\r?\n(\r?\n)?|\^(.)|(\")|(\r?\n|(?<=[ \t])&{1,2}(?=[ \t\r\n]))|[^^\"\r\n&]+|.", re.DOTALL)


def _without_carets(text: bytes) -> Iterator[tuple[bytes, int]]:
    """Commands after cmd has read its escapes (a caret protects a character, or joins a line), and blanks escaped."""
    parts: list[bytes] = []
    quoted, blanks = False, 0
    for match in _CARET.finditer(text):
        escaped, quote, newline = match[2], match[3], match[4]
        if quoted and match[0].startswith(b"^"):
            quoted ^= escaped == b'"'
            parts.append(match[0])
        elif match[0].startswith(b"^"):
            parts.append(escaped if escaped is not None else match[1] or b"")
            blanks += escaped == b" "
        elif newline and not (quoted and newline.startswith(b"&")):
            yield b"".join(parts), blanks
            parts, quoted, blanks = [], False, 0
        else:
            quoted ^= quote is not None
            parts.append(match[0])
    yield b"".join(parts), blanks


_C_PIECE = re.compile(
    rb"(?P<slashes>\\+)(?P<escaped>\")?|(?P<quote>\")|(?P<blank>[ \t]+)|(?P<text>[^\\\" \t]+)", re.DOTALL
)


def _c_words(line: bytes, source: str) -> Iterator[bytes]:
    """Words as the Windows C runtime cuts them: blanks outside quotes, backslashes before a quote."""
    word: bytes | None = None
    quoted, doubled = False, False
    for match in _C_PIECE.finditer(line):
        slashes = len(match["slashes"] or b"")
        if match["blank"] and not quoted:
            if word is not None:
                yield word
            word, doubled = None, False
            continue
        word = word or b""
        if match["quote"] or (match["escaped"] and slashes % 2 == 0):
            word += b"\\" * (slashes // 2) + (b'"' if doubled else b"")
            doubled = quoted  # a second quote right behind one that ends a quotation stands for itself
            quoted = not quoted
            continue
        doubled = False
        word += b"\\" * (slashes // 2) + b'"' if match["escaped"] else match[0]
    if quoted:
        raise refuse(source, line, len(line), 'a " has no end', _TODO)
    if word is not None:
        yield word
