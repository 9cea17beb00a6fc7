"""Methods and tokens (RFC 9110 §5.6.2), and what a request line looks like from afar."""

from __future__ import annotations

import re

# What llhttp 9 knows in an HTTP request; tests/test_faults_readings.py asks it.
METHODS = frozenset(
    b"DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND "
    b"REBIND UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE "
    b"MKCALENDAR LINK UNLINK SOURCE QUERY".split()
)
_ANY_METHOD = b"|".join(sorted(METHODS, reverse=True))
_REQUEST_LIKE = re.compile(rb"(?i)[ \t]*(?:%b)(?:[ \t]|\r?\n|\Z)|[^\n]{0,65536}?(?:HTTP|RTSP|ICE)/" % _ANY_METHOD)
_TOKEN_BYTES = rb"!#$%&'*+.^_`|~0-9A-Za-z-"
NOT_TOKEN = re.compile(rb"[^%b]" % _TOKEN_BYTES)
TOKEN = rb"[%b]+" % _TOKEN_BYTES


def like_a_request(data: bytes, position: int) -> bool:
    """Whether a request line may begin at `position`: a known method, or a version further on in the line."""
    return _REQUEST_LIKE.match(data, position) is not None
