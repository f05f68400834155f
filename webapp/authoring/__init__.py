"""What the author of a job uses; see `job` for where to begin."""

from webapp.authoring.call import Caller, call
from webapp.authoring.columns import ColumnName
from webapp.authoring.context import Account, Context, DataStore, DeskTables, JobFacts
from webapp.authoring.databases import DatabaseName
from webapp.authoring.decorator import JobFunction, job
from webapp.authoring.errors import (
    AuthoringError,
    Cancelled,
    ComeBackLater,
    Failed,
    InWords,
    JobError,
    NotOpened,
    NotSent,
    ParamsError,
    Rejected,
    Skipped,
    UnknownJobType,
    Unsure,
)
from webapp.authoring.files import Batch, Item, Items, Table, UploadedFile
from webapp.authoring.job_type import JobType
from webapp.authoring.kind import FormField, Option
from webapp.authoring.loading import load_job_type, load_registry
from webapp.authoring.other_file import OtherFile
from webapp.authoring.registry import BrokenModule, Registry
from webapp.authoring.retry import Retry
from webapp.authoring.row import Row
from webapp.authoring.services import Depends
from webapp.authoring.signature import Shape
from webapp.authoring.start_page import Foreseen, Sample, Sight
from webapp.authoring.undo import Undo

__all__ = [
    "Account",
    "AuthoringError",
    "Batch",
    "BrokenModule",
    "Caller",
    "Cancelled",
    "ColumnName",
    "ComeBackLater",
    "Context",
    "DataStore",
    "DatabaseName",
    "Depends",
    "DeskTables",
    "Failed",
    "Foreseen",
    "FormField",
    "InWords",
    "Item",
    "Items",
    "JobError",
    "JobFacts",
    "JobFunction",
    "JobType",
    "NotOpened",
    "NotSent",
    "Option",
    "OtherFile",
    "ParamsError",
    "Registry",
    "Rejected",
    "Retry",
    "Row",
    "Sample",
    "Shape",
    "Sight",
    "Skipped",
    "Table",
    "Undo",
    "UnknownJobType",
    "Unsure",
    "UploadedFile",
    "call",
    "job",
    "load_job_type",
    "load_registry",
]
