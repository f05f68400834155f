"""Asking elsewhere, for jobs: `http: HttpService`.

The desk's own network is out of reach unless the administrator allows a place in it.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Protocol

from webapp.authoring import Depends
from webapp.services.outgoing.answer import Answer
from webapp.settings import Settings


class Http(Protocol):
    """What a job can do with it; small enough to be replaced in a test."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = 60.0,
    ) -> AbstractContextManager[Answer]:
        """Send a request; its answer can be read within the block, which has to end within so many seconds.

        What goes wrong is one of `services.outgoing.errors`; of a `NotReached` nothing was sent.
        """
        ...


def open_http(settings: Settings) -> Iterator[Http]:
    """A client, closed when the attempt ends."""
    from webapp.services.outgoing.client import Client  # noqa: PLC0415 (it brings all of HTTP along)

    with Client(settings.allowed_hosts or ()) as client:
        yield client


HttpService = Annotated[Http, Depends(open_http)]
