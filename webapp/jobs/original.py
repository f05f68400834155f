"""Whether a job's file is still the one that was handed in."""

import hashlib

from webapp.authoring import JobError
from webapp.jobs.work import Work

BLOCK = 1 << 20


def require_original(work: Work) -> None:
    """Read the whole file once before the job acts on it; 100 MB take a third of a second or less.

    Raises:
        JobError: it was changed or removed.
        StopWorking: the worker was asked to stop meanwhile.
    """
    upload = work.require_upload()
    try:
        found = _fingerprint(work)
    except OSError as error:
        raise JobError(
            f"The file {upload.name} can't be read from the desk's disk any more. Nothing more of it was used: "
            "hand it in again, and tell an administrator."
        ) from error
    if found != (upload.size, upload.sha256):
        raise JobError(
            f"The file {upload.name} on the desk's disk is no longer the one that was handed in: it was changed there. "
            "Nothing more of it was used: hand it in again, and tell an administrator."
        )


def _fingerprint(work: Work) -> tuple[int, str]:
    """The file's size and SHA-256; a wrong size is enough to know."""
    upload = work.require_upload()
    digest = hashlib.sha256()
    with work.shop.files.upload(upload.id).open("rb") as file:
        size = file.seek(0, 2)
        if size == upload.size:
            file.seek(0)
            while block := file.read(BLOCK):
                work.raise_if_stopped()
                digest.update(block)
    return size, digest.hexdigest()
