"""What can come of a request instead of an answer. The message is the sentence for the operator."""
# ruff: noqa: N818 (all are HttpTroubles; the suffix would only repeat it)

from webapp.authoring import InWords


class HttpTrouble(InWords):
    """The request came to nothing."""


class AddressRefused(HttpTrouble):
    """The desk does not call this address. Nothing was sent."""


class NotReached(HttpTrouble, ConnectionError):
    """There was no connection. Nothing was sent."""


class Unknown(NotReached):
    """Nobody knows a machine of this name."""


class BadCertificate(NotReached):
    """Somebody answers who cannot show to be who was called. Nothing was sent."""


class AnswerLost(HttpTrouble, ConnectionError):
    """The request left, or some of it, and no whole answer came."""


class TooSlow(HttpTrouble, TimeoutError):
    """Likewise, within the time that it may take."""


class TooLong(HttpTrouble):
    """The answer is longer than what is wanted."""


class BadAnswer(HttpTrouble):
    """The answer is not HTTP, or asks for what is not done."""
