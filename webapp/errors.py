"""What can go wrong that a person should read about. The docstring is the sentence, unless one is given."""
# ruff: noqa: N818 (all are DeskErrors; the suffix would only repeat it)

import inspect
from collections.abc import Mapping


class DeskError(Exception):
    """This could not be done."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        super().__init__(self.message)


class NotFound(DeskError):
    """There is nothing at this address, or it is not yours to see."""


class Refused(DeskError):
    """This is not possible any more: something has changed in the meantime."""


class TooLarge(DeskError):
    """This is larger than the desk accepts."""


class NoSpace(DeskError):
    """The desk's disk is too full for this."""


class StorageTrouble(DeskError):
    """The place where the desk keeps its files does not answer. Nothing is lost. Try again in a few minutes."""


class ReadOnly(StorageTrouble):
    """The desk can’t write to its disk. Nothing is lost. Tell your administrator, then try again."""


class BadBackup(DeskError):
    """This back-up is not whole, so nothing is done with it."""


class BadInput(DeskError):
    """Some of what you entered needs changing."""

    def __init__(self, problems: Mapping[str, str], message: str | None = None) -> None:
        """Say what is wrong: `problems` maps the name of a field to a sentence for the person who filled it in."""
        super().__init__(message)
        self.problems = dict(problems)


class SignInRequired(DeskError):
    """Sign in to go on."""


class NotAllowed(DeskError):
    """Your account may not do this. An administrator can change that."""


class TooMany(DeskError):
    """Too many tries. Wait a little and try again."""

    def __init__(self, message: str | None = None, *, wait_s: int = 30) -> None:
        """`wait_s` is after how many seconds another try makes sense."""
        super().__init__(message)
        self.wait_s = wait_s
