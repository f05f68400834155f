"""Files among a job's parameters: who may use which, and that they stay as long as there is a job or a schedule."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from webapp.authoring import JobType, OtherFile
from webapp.authoring.other_file import FindFile
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.tables import Upload


def file_finder(
    database: Database, files: Files, owners: Collection[UUID] | None = None, also: Collection[UUID] = ()
) -> FindFile:
    """Finds whole files that these users handed in, or anybody if `owners` is None; and `also` those with these ids."""

    def find(file_id: UUID) -> OtherFile | None:
        with database.read() as session:
            upload = session.get(Upload, file_id)
        if upload is None or upload.sha256 is None:
            return None
        if owners is not None and upload.owner_id not in owners and file_id not in also:
            return None
        return OtherFile(upload.id, upload.name, upload.size, partial(files.upload, upload.id))

    return find


def keep_files(session: Session, job_type: JobType, params: Mapping[str, Any]) -> None:
    """Keep the files among stored parameters for good, in the transaction that writes these down."""
    ids = job_type.files(params)
    if ids:
        session.execute(update(Upload).where(col(Upload.id).in_(ids)).values(in_params=True))
