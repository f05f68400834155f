"""What can go wrong with a mail, by what is to become of its row."""

from webapp.authoring import ComeBackLater, JobError, NotSent

LONGEST_ANSWER = 300
WAIT_SECONDS = 60.0
"""Until a mail server that was away is asked again."""


class MailRefused(NotSent):
    """The mail server does not take this mail, and would not take it later: the row failed."""


class MailLater(NotSent):
    """The mail server does not take this mail now, or hung up before it was whole: it is tried again later."""


class MailServerAway(ComeBackLater):
    """The mail server can't be reached or takes nothing now: no mail would get further, so the job waits."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, WAIT_SECONDS)


class MailServerWrong(JobError):  # noqa: N818 (as the others)
    """The mail server must not be used as it is set: no mail was sent, and an administrator has to mend it."""


def answer_of(code: int, said: bytes | str) -> str:
    """The server's answer as people read it: its code and words, on one line, without control characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    shown = plain if len(plain) <= LONGEST_ANSWER else plain[: LONGEST_ANSWER - 1] + "…"
    return f"“{code} {shown}”" if shown else f"“{code}”"


def refusal(code: int, said: bytes | str, of_what: str) -> MailRefused | MailLater:
    """The error for an answer of 400 to 599; what has another code is no answer to rely on, and is tried again."""
    answer = answer_of(code, said)
    if 500 <= code <= 599:  # noqa: PLR2004 (RFC 5321, 4.2.1: for good)
        return MailRefused(f"the mail server refused {of_what}: {answer}")
    return MailLater(f"the mail server does not take {of_what} now: {answer}")
