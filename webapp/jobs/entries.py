"""What was entered for a job: validated against its file and the files that its owner may use."""

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel

from webapp.authoring import JobType, ParamsError, Registry
from webapp.errors import BadInput
from webapp.jobs.mended import columns_of
from webapp.jobs.other_files import file_finder
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.secrets import SecretBox
from webapp.store.tables import Job, User


class Shelves(Protocol):
    """Where job types, files and secrets are."""

    @property
    def database(self) -> Database: ...

    @property
    def files(self) -> Files: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def secrets(self) -> SecretBox: ...


def validated(
    shelves: Shelves, job: Job, job_type: JobType, raw: Mapping[str, Any], user: User | None = None
) -> BaseModel:
    """The parameters of a job as `user` enters them, or else its owner.

    Raises:
        BadInput: some are no good, by their names.
    """
    owners = {job.owner_id} | ({user.id} if user else set())
    files = file_finder(shelves.database, shelves.files, owners, also=job_type.files(job.params))
    try:
        return job_type.validate(raw, columns_of(job) or None, files)
    except ParamsError as error:
        raise BadInput(error.problems) from error


def columns_for(shelves: Shelves, job: Job, raw: Mapping[str, Any], user: User | None = None) -> dict[str, Any]:
    """The same as columns of the job; its type is there.

    Raises:
        BadInput: see `validated`; or the desk lacks something for them.
    """
    job_type = shelves.registry.get(job.job_type)
    params = validated(shelves, job, job_type, raw, user)
    lacking = job_type.lacking(params)
    if lacking:
        raise BadInput(lacking)
    try:
        kept = {"params": job_type.dump(params), "only_one": job_type.only_one_key(params)}
    except ParamsError as error:
        raise BadInput(error.problems) from error
    return kept | {"target": job_type.target(params), "secrets": shelves.secrets.lock(job_type.secrets(params))}


def has_entries(shelves: Shelves, job: Job, raw: Mapping[str, Any], user: User) -> bool:
    """Whether these are the job's entries, its secret ones too.

    Raises:
        BadInput: some are no good, by their names.
        Refused: its secret entries can't be read any more.
    """
    asked = columns_for(shelves, job, raw, user)
    secrets = shelves.secrets.unlock(asked["secrets"])
    return bool(asked["params"] == job.params and secrets == shelves.secrets.unlock(job.secrets))
