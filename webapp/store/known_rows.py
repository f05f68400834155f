"""Which rows jobs have done, by the key that their type gives a row: of each key only a keyed hash is kept."""

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field, SQLModel


class KnownRow(SQLModel, table=True):
    """The row that was handed to a job last with a key. What became of it, the job's ledger says."""

    __tablename__ = "known_row"
    __table_args__ = {"sqlite_with_rowid": False}

    fingerprint: bytes = Field(sa_type=LargeBinary, primary_key=True)
    job: int = Field(foreign_key="job.number")
    row: int = Field(sa_type=BigInteger)
