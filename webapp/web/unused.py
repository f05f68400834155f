"""Files that were sent and are used for nothing: they are not kept."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from webapp.errors import Refused
from webapp.web.desk import Desk
from webapp.web.multipart import ReceivedForm
from webapp.web.uploads import uploads_of


@contextmanager
def unused_forgotten(desk: Desk, form: ReceivedForm) -> Iterator[None]:
    """Keep only the files that a job was made from: a program has no way to come back to the others."""
    try:
        yield
    finally:
        for upload in form.uploads.values():
            with suppress(Refused):
                uploads_of(desk).abandon(upload)
