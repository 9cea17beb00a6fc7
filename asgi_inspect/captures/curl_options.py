"""curl's options as a table: which take a value, which shape the request, which do not matter here.

The names and arities are those of curl 8.14; an unknown name is refused, since whether the next
word is its value cannot be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from .capture import CaptureError


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Those that shape the request in a way that is not worked out here, so they must be told.
UNTOLD: Final = _names(
    "anyauth aws-sigv4 config continue-at digest haproxy-protocol http2 http2-prior-knowledge http3 http3-only"
    " negotiate netrc netrc-file netrc-optional ntlm preproxy proxy proxy-header proxy-user proxy1.0 proxytunnel"
    " time-cond tr-encoding variable"
)
_WITH_VALUE: Final = _names(
    "abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to"
    " continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary data-raw"
    " data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech"
    " egd-file engine etag-compare etag-save expect100-timeout form form-string ftp-account ftp-alternative-to-user"
    " ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip header hostpubmd5"
    " hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl"
    " limit-rate local-port login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file"
    " noproxy oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy proto proto-default"
    " proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile"
    " proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers"
    " proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate"
    " referer request request-target resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs"
    " socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit speed-time ssl-sessions stderr"
    " telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii"
    " trace-config unix-socket upload-file upload-flags url url-query user user-agent variable vlan-priority"
    " write-out"
)
_WITHOUT: Final = _names(
    "anyauth append basic ca-native cert-status compressed compressed-ssh create-dirs crlf digest disable"
    " disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure dump-ca-embed fail fail-early"
    " fail-with-body false-start form-escape ftp-create-dirs ftp-pasv ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc"
    " ftp-ssl-control get globoff haproxy-protocol head help http0.9 http1.0 http1.1 http2 http2-prior-knowledge"
    " http3 http3-only ignore-content-length include insecure ipv4 ipv6 junk-session-cookies list-only location"
    " location-trusted mail-rcpt-allowfails manual metalink mptcp negotiate netrc netrc-optional next no-alpn"
    " no-buffer no-clobber no-keepalive no-npn no-progress-meter no-sessionid ntlm ntlm-wb parallel"
    " parallel-immediate path-as-is post301 post302 post303 progress-bar proxy-anyauth proxy-basic proxy-ca-native"
    " proxy-digest proxy-http2 proxy-insecure proxy-negotiate proxy-ntlm proxy-ssl-allow-beast"
    " proxy-ssl-auto-client-cert proxy-tlsv1 proxytunnel raw remote-header-name remote-name remote-name-all"
    " remote-time remove-on-error retry-all-errors retry-connrefused sasl-ir show-error show-headers silent"
    " skip-existing socks5-basic socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast ssl-auto-client-cert"
    " ssl-no-revoke ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output suppress-connect-headers tcp-fastopen"
    " tcp-nodelay tftp-no-options tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace-ids"
    " trace-time use-ascii verbose version xattr"
)
_LETTERS: Final = {
    "a": "append", "E": "cert", "K": "config", "C": "continue-at", "b": "cookie", "c": "cookie-jar", "d": "data",
    "q": "disable", "D": "dump-header", "f": "fail", "F": "form", "P": "ftp-port", "G": "get", "g": "globoff",
    "I": "head", "H": "header", "h": "help", "0": "http1.0", "k": "insecure", "4": "ipv4", "6": "ipv6",
    "j": "junk-session-cookies", "l": "list-only", "L": "location", "M": "manual", "m": "max-time", "n": "netrc",
    ":": "next", "N": "no-buffer", "o": "output", "Z": "parallel", "#": "progress-bar", "x": "proxy",
    "U": "proxy-user", "p": "proxytunnel", "Q": "quote", "r": "range", "e": "referer", "J": "remote-header-name",
    "O": "remote-name", "R": "remote-time", "X": "request", "S": "show-error", "i": "include", "s": "silent",
    "Y": "speed-limit", "y": "speed-time", "2": "sslv2", "3": "sslv3", "t": "telnet-option", "z": "time-cond",
    "1": "tlsv1", "T": "upload-file", "B": "use-ascii", "u": "user", "A": "user-agent", "v": "verbose",
    "V": "version", "w": "write-out",
}  # fmt: skip
_ALL: Final = _WITH_VALUE | _WITHOUT


class Option(NamedTuple):
    """One option with its value (empty where it takes none), or a URL given without one."""

    name: str
    value: bytes = b""


def options(words: list[bytes], source: str) -> Iterator[Option]:
    """The options of a command line's words, the program's name left out."""
    rest = iter(words)
    literal = False
    for word in rest:
        if literal or not word.startswith(b"-") or word == b"-":
            yield Option("url", word)
        elif word == b"--":
            literal = True
        elif word.startswith(b"--"):
            name = _long(word[2:].decode("utf-8", "replace"), source)
            yield Option(name, _value(rest, name, source) if name in _WITH_VALUE else b"")
        else:
            yield from _letters(word[1:].decode("utf-8", "surrogateescape"), rest, source)


def _letters(letters: str, rest: Iterator[bytes], source: str) -> Iterator[Option]:
    """`-sXPOST`: letters without a value, then at most one with the rest of the word as its value."""
    for index, letter in enumerate(letters):
        name = _LETTERS.get(letter)
        if name is None:
            raise CaptureError(f"{source}: curl has no option -{letter}. Check the command")
        if name in _WITH_VALUE:
            inside = letters[index + 1 :].encode("utf-8", "surrogateescape")
            yield Option(name, inside or _value(rest, name, source))
            return
        yield Option(name)


def _long(name: str, source: str) -> str:
    """The full name; curl takes any beginning that only one option has, and no- before a switch."""
    if name in _ALL:
        return name
    if name.startswith("no-") and name[3:] in _WITHOUT:
        return name
    begun = [known for known in _ALL if known.startswith(name)] if name else []
    if len(begun) != 1:
        raise CaptureError(f"{source}: curl has no option --{name}, or not one alone. Check the command")
    return begun[0]


def _value(rest: Iterator[bytes], name: str, source: str) -> bytes:
    value = next(rest, None)
    if value is None:
        raise CaptureError(f"{source}: the command ends where --{name} needs a value. Paste the whole command")
    return value
