"""Which headers, fields and keys hold a secret: known by their names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# Compared without case, `-` and `_`: "X-Api-Key" and "apiKey" both end with "apikey".
ENDINGS = (
    *("token", "secret", "passphrase", "passcode", "sessionid", "credential", "credentials", "assertion", "jwt"),
    *("apikey", "accesskey", "authkey", "secretkey", "privatekey", "signingkey", "functionskey", "subscriptionkey"),
)
ANYWHERE = ("password", "passwd")
WHOLE = frozenset(
    {"authorization", "proxyauthorization", "auth", "cookie", "cookie2", "setcookie", "setcookie2"}
    | {"session", "sessid", "phpsessid", "sid", "pwd", "pass", "otp", "pin", "csrf", "xsrf"}
    | {"sig", "signature", "xamzsignature", "samlresponse"}
)
_PARTS = re.compile(r"[^\[\].]+")
_IGNORED = re.compile(r"[^a-z0-9]")


@lru_cache(maxsize=4096)
def compared(name: str) -> str:
    """A name as it is compared: lower case, letters and digits only."""
    return _IGNORED.sub("", name.lower())


class Names:
    """The names above, and those of `--redact-field`."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        self.more = frozenset(compared(name) for name in more) - {""}

    def __contains__(self, name: object) -> bool:
        """Whether what is called so is a secret; of `user[password]` and `user.password` each part is looked at."""
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if not isinstance(name, str) or len(name) > 200:
            return False
        return any(self._secret(compared(part)) for part in (name, *_PARTS.findall(name)))

    def _secret(self, name: str) -> bool:
        known = name in WHOLE or name in self.more
        return known or name.endswith(ENDINGS) or any(word in name for word in ANYWHERE)
