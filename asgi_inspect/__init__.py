"""Shows what an ASGI application sees of raw HTTP bytes, as a named server builds it."""

from __future__ import annotations

__version__ = "0.1.0"
