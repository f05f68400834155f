"""Every exception of this package; the message is always the sentence somebody is shown."""

from collections.abc import Mapping
from math import inf


class AuthoringError(Exception):
    """A job's function cannot be registered: says where, which parameter, and how to mend it."""


class UnknownJobType(LookupError):  # noqa: N818 - named for what the operator asked for
    """No job of this name is registered."""


class ParamsError(Exception):
    """Parameters that cannot be accepted: one sentence for each field, by its dotted name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class Rejected(Exception):  # noqa: N818 - the outcome an author gives to a row
    """Raised for a row that does not pass: it is counted as rejected, and the job goes on."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


class Skipped(Exception):  # noqa: N818 - the outcome an author gives to a row
    """Raised for a row that needs nothing done: it is counted as skipped, and the job goes on."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Failed(Exception):  # noqa: N818 - the outcome an author gives to a row
    """Raised for a row that was tried and did not work: it is counted as failed, and the job goes on."""

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


class InWords(Exception):  # noqa: N818 - named for what it has
    """Its message is a sentence for the operator. It says nothing of what becomes of the row: that has failed."""


class JobError(Exception):
    """Raised to fail the whole job with a sentence for the operator."""


class ComeBackLater(Exception):  # noqa: N818 - what an author asks for
    """Raised to have the job wait `seconds` and go on where it is: the row at hand has no outcome yet."""

    def __init__(self, reason: str, seconds: float) -> None:
        if not 0 <= seconds < inf:
            raise ValueError(f"ComeBackLater waits for some seconds, not for {seconds}")
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class NotOpened(Exception):  # noqa: N818 - named for what happened
    """A service that a function declares could not be opened; its `__cause__` is why."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"What the job needs could not be opened: {title}. Try it again later. If it stays so, tell an "
            "administrator: the details are kept for them."
        )


class Cancelled(BaseException):
    """The operator cancelled the job.

    Not an Exception: a function that catches Exception around its work must not swallow a cancellation.
    """


class NotSent(Exception):  # noqa: N818 - what an author says about a row
    """Raised within `ctx.send_once()`: what was to be sent certainly did not leave, and the row failed."""


class Unsure(Exception):  # noqa: N818 - what an author says about a row
    """Raised within `ctx.send_once()`: it may have arrived, and nobody can ask. The row is unknown; people decide."""
