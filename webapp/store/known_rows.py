"""Which rows jobs have done, by the key that their type gives a row: of each key only a keyed hash is kept."""

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel


class KnownRow(SQLModel, table=True):
    """A row with a key that was done, or perhaps done. What has become of it since, the job's ledger says."""

    __tablename__ = "known_row"
    __table_args__ = (Index("known_row_by_job", "job", "row"), {"sqlite_with_rowid": False})

    fingerprint: bytes = Field(sa_type=LargeBinary, primary_key=True)
    job: int = Field(foreign_key="job.number", primary_key=True)
    row: int = Field(sa_type=BigInteger, primary_key=True)
