"""Conformance: what an application did wrong by the ASGI specification, where, and which real servers would mind.

`RULES` is the whole table; a rule is found by its id in one search, and added as one function in the
file of its subject. `judge` reads finished recordings and nothing else.
"""

from __future__ import annotations

from .catalogue import RULES
from .judge import judge
from .rule import Rule

__all__ = ["RULES", "Rule", "judge"]
