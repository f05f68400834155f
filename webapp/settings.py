"""The settings: frozen, read from the environment once, and refusing nonsense by name."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails
from sqlalchemy import URL, make_url

from webapp.services.mailing.addresses import MailAddress
from webapp.services.mailing.server import MailServer
from webapp.services.targets.setting import Target, parse_targets, place_of, require_apart

PREFIX = "BATCHDESK_"
DATABASE = r"^(?:sqlite:///|postgresql\+psycopg://).+"
DATA_SCHEMA = "batchdesk_data"
GB = 1_000_000_000
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (listened on, but no address that anybody could open)
PLACE = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]%]+):([0-9]{1,5})")
QUEUE_LIMIT = re.compile(r"([a-z][a-z0-9_]{0,62})=([1-9][0-9]{0,3})")


class SettingsError(Exception):
    """A setting is wrong or unknown; the message names it and never shows its value."""


def _existing_folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise ValueError("is not a folder that exists")
    return path.resolve() if path else None


def _queue_limits(text: object) -> object:
    """`mail=1,slow=2` as numbers by name."""
    if not isinstance(text, str):
        return text
    limits: dict[str, int] = {}
    for entry in text.split(","):
        found = QUEUE_LIMIT.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"has {entry.strip()!r}, which is not a queue's name, =, and a number from 1 to 9999")
        if found[1] in limits:
            raise ValueError(f"names the queue {found[1]} twice")
        limits[found[1]] = int(found[2])
    return limits


def _places(text: object) -> object:
    """`api.internal:8443,[fd00::1]:80` as a tuple."""
    if not isinstance(text, str):
        return text
    places = tuple(entry.strip() for entry in text.split(","))
    for number, place in enumerate(places, start=1):
        found = PLACE.fullmatch(place)
        if found is None or not 0 < int(found[1]) < 2**16:
            raise ValueError(f"has as number {number} what is not a host, a colon and a port")
    return places


def _mail_server(address: str | None) -> str | None:
    if address is not None:
        MailServer.parse(address)
    return address


def _mail_address(text: str | None, info: ValidationInfo) -> str | None:
    if text is not None:
        MailAddress.parse_named(text)
    elif info.data.get("mail_server") is not None:
        raise ValueError("is needed with BATCHDESK_MAIL_SERVER")
    return text


def _apart_from_own(targets: Mapping[str, Target] | None, info: ValidationInfo) -> Mapping[str, Target] | None:
    """The desk's own databases are none of them."""
    given, folder = info.data, info.data.get("data", Path("data"))
    desk = make_url(given.get("database_url") or f"sqlite:///{folder.resolve() / 'batchdesk.sqlite3'}")
    own = {"database": place_of(desk)}
    data = given.get("data_database_url") or (
        f"sqlite:///{folder.resolve() / 'data.sqlite3'}" if desk.get_backend_name() == "sqlite" else None
    )
    own["data database"] = place_of(make_url(data)) if data else place_of(desk, DATA_SCHEMA)
    require_apart(targets or {}, own)
    return targets


class Settings(BaseModel):
    """What the administrator decides. Each field is the environment variable `BATCHDESK_<NAME>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(Path("data"), description="Folder for everything that is kept: database, uploads, results.")
    database_url: str | None = Field(
        None,
        pattern=DATABASE,
        description="The desk's database, `sqlite:///path` or `postgresql+psycopg://user:password@host/name`; "
        "`batchdesk.sqlite3` in the data folder unless set.",
    )
    data_database_url: str | None = Field(
        None,
        pattern=DATABASE,
        description="The database that jobs load rows into, written likewise; unless set, `data.sqlite3` in the data "
        "folder, or the desk's own PostgreSQL. In PostgreSQL its tables are in the schema `batchdesk_data`.",
    )
    targets: Annotated[Mapping[str, Target] | None, BeforeValidator(parse_targets), AfterValidator(_apart_from_own)] = (
        Field(
            None,
            description="Databases of others that jobs may write into, by the names that operators choose them by: "
            "`crm=postgresql+psycopg://user:password@host/name?schema=sales&tables=customers,orders` and, "
            "after a comma, `stock=sqlite:////path`. `schema` and `tables` may be left out.",
        )
    )
    files: str | None = Field(
        None,
        pattern=r"^s3://[^/\s]+(?:/[^\s]*)?$",
        description="Where uploads and results are kept, so that several machines find them: `s3://bucket/prefix`; "
        "in the data folder unless set.",
    )
    cache: int = Field(
        20 * GB, ge=0, description="Bytes of files kept at hand on this machine if `BATCHDESK_FILES` is set."
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    base_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+$",
        description="The address people use if a proxy stands before, as in `https://desk.example`; "
        "with https, cookies are bound to it. Links in mails and webhooks begin with it.",
    )
    workers: int = Field(2, ge=0, le=64, description="How many jobs run at once in this process; 0 runs none.")
    queues: Annotated[Mapping[str, int] | None, BeforeValidator(_queue_limits)] = Field(
        None,
        description="How many jobs of a queue run at once on all machines together, as in `mail=1,slow=2`; "
        "a queue not named has no limit.",
    )
    job_types: Annotated[Path | None, AfterValidator(_existing_folder)] = Field(
        None, description="Folder of your own job types: each .py file in it is loaded at the start."
    )
    allowed_hosts: Annotated[tuple[str, ...] | None, BeforeValidator(_places)] = Field(
        None,
        description="What jobs may call beside the public web's ports 80 and 443: places in your own network, and "
        "other ports, as in `crm.internal:8443,[fd00::1]:80`.",
    )
    max_upload: int = Field(10 * GB, ge=1, description="Largest file accepted, in bytes.")
    disk_reserve: int = Field(
        GB // 2,
        ge=0,
        description="Bytes of disk that stay free: an upload that needs them is refused, "
        "and no job begins with less than a tenth of them.",
    )
    lease_seconds: float = Field(
        10.0,
        ge=1,
        le=3600,
        description="A worker silent for so long is taken for dead and its job goes on elsewhere. The same on all "
        "machines.",
    )

    mail_server: Annotated[str | None, AfterValidator(_mail_server)] = Field(
        None,
        description="The server that takes the desk's mails: `smtp://user:password@mail.example:587` (STARTTLS), "
        "`smtps://user:password@mail.example:465` (TLS), or, on this machine only, `smtp+plain://127.0.0.1:25`. "
        "Signs in a password are percent-encoded.",
    )
    mail_from: Annotated[str | None, AfterValidator(_mail_address)] = Field(
        None,
        validate_default=True,
        description="The address that the desk's mails come from, as in `The Desk <desk@example.org>`; "
        "needed with `BATCHDESK_MAIL_SERVER`.",
    )
    mails_per_hour: int = Field(
        1000, ge=1, le=10_000_000, description="How many mails an hour all jobs together hand to the mail server."
    )
    mails_per_day: int | None = Field(
        None, ge=1, le=100_000_000, description="The same for a day (of UTC); none if only the hour counts."
    )
    keep_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="After how many days the files of an ended job, its entries and what its account cites of rows are "
        "removed; its sums stay. Jobs that need attention, those that still wait to be started and those that are kept "
        "for ever are not removed by age. For ever unless set.",
    )

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the desk's database."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'batchdesk.sqlite3'}"

    @property
    def data_database(self) -> str:
        """The SQLAlchemy URL of the database that jobs load rows into."""
        url = make_url(self.data_database_url or self.database)
        if url.get_backend_name() == "postgresql":
            return _in_schema(url, DATA_SCHEMA)
        return self.data_database_url or f"sqlite:///{self.data.resolve() / 'data.sqlite3'}"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where job types are beside the built-in ones."""
        return (self.job_types,) if self.job_types else ()

    @property
    def target_names(self) -> tuple[str, ...]:
        """The names of the databases that jobs may write into beside the data database."""
        return tuple(self.targets or ())

    @property
    def least_free(self) -> int:
        """Bytes of disk without which no job begins: it has to write down what becomes of it."""
        return self.disk_reserve // 10

    @property
    def address(self) -> str | None:
        """Where people reach the desk, for links in what is sent to them; None if nobody can say."""
        if self.base_url is not None or not self.port or self.host in EVERYWHERE:
            return self.base_url
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def https(self) -> bool:
        """Whether people reach the desk over https."""
        return (self.base_url or "").startswith("https://")


def _in_schema(url: URL, schema: str) -> str:
    """The URL of a PostgreSQL whose tables, unless it says otherwise by itself, are in this schema."""
    options = url.query.get("options", "")
    if "search_path" not in options:
        url = url.update_query_dict({"options": f"-c search_path={schema} {options}".strip()})
    return url.render_as_string(hide_password=False)


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment. A blank variable is as good as none.

    Raises:
        SettingsError: a variable that begins with `BATCHDESK_` is unknown, or its value is no good.
    """
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    unknown = sorted(name for name in environ if name.upper().startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"Unknown setting {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    values = {field: environ[name] for name, field in known.items() if environ.get(name)}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: ErrorDetails) -> str:
    from webapp.intake import explain  # noqa: PLC0415 (needed only when the start fails)

    field = str(problem["loc"][0])
    return f"{PREFIX}{field.upper()} {explain(problem)}. {Settings.model_fields[field].description}"
