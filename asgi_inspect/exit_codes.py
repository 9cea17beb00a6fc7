"""What the command tells a script."""

from __future__ import annotations

from enum import IntEnum

from .exchange import Exchange, Verdict
from .findings import Severity
from .inspection import Inspection, worst
from .recording import Outcome


class ExitCode(IntEnum):
    """What the command tells a script; of several causes the highest number is told, a finding only alone."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    REJECTED = 3
    APP_FAILED = 4
    TIMED_OUT = 5
    LIFESPAN_FAILED = 6
    INTERRUPTED = 130
    TERMINATED = 143


asked_to_end: list[int] = []  # the signals beside Ctrl-C


def interrupted() -> ExitCode:
    """By Ctrl-C, or by who asked the process to end."""
    return ExitCode.TERMINATED if asked_to_end else ExitCode.INTERRUPTED


def exit_code(inspection: Inspection, fail_on: str) -> ExitCode:
    """The highest cause of 3 to 6; findings at `fail_on` or above count where none of them holds."""
    if inspection.interrupted:
        return interrupted()
    causes = [cause for exchange in inspection.exchanges for cause in _causes(exchange)]
    report = inspection.lifespan
    if report is not None and (report.startup.status.bad or report.shutdown.status.bad):
        causes.append(ExitCode.LIFESPAN_FAILED)
    if inspection.blocked:
        causes.append(ExitCode.TIMED_OUT)
    if causes:
        return max(causes)
    severity = worst(inspection.findings)
    if fail_on != "never" and severity is not None and severity.rank >= Severity(fail_on).rank:
        return ExitCode.FINDINGS
    return ExitCode.OK


OUTCOME_CODES = {
    Outcome.RAISED: ExitCode.APP_FAILED,
    Outcome.NO_RESPONSE: ExitCode.APP_FAILED,
    Outcome.INCOMPLETE: ExitCode.APP_FAILED,
    Outcome.TIMED_OUT: ExitCode.TIMED_OUT,
}


def _causes(exchange: Exchange) -> list[ExitCode]:
    causes = [ExitCode.REJECTED] if exchange.verdict is not Verdict.ACCEPTED else []
    if exchange.outcome in OUTCOME_CODES:
        causes.append(OUTCOME_CODES[exchange.outcome])
    return causes
