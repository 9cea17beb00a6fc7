"""Shows what an ASGI application sees of raw HTTP bytes, as a named server builds it.

import asgi_inspect

inspection = asgi_inspect.inspect(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
inspection.exchanges[0].scope
"""

from __future__ import annotations

from .application_error import ApplicationError
from .captures.capture import Capture, CaptureError, ClientConnection, Fidelity, Repair
from .exchange import By, Exchange, Response, Verdict
from .findings import Finding, Severity
from .inspection import Inspection, inspect, inspect_async
from .options import Options
from .recording import Call, Folded, Outcome, Step
from .serving import Server
from .span import Span
from .version import __version__ as __version__

__all__ = [
    "ApplicationError",
    "By",
    "Call",
    "Capture",
    "CaptureError",
    "ClientConnection",
    "Exchange",
    "Fidelity",
    "Finding",
    "Folded",
    "Inspection",
    "Options",
    "Outcome",
    "Repair",
    "Response",
    "Server",
    "Severity",
    "Span",
    "Step",
    "Verdict",
    "inspect",
    "inspect_async",
]
