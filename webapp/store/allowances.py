"""The table of what may be done so often an hour."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from webapp.store.types import UtcDateTime


class Allowance(SQLModel, table=True):
    """How often something was done within an hour of which the desk allows so many; see `jobs.allowance`."""

    __tablename__ = "allowance"

    name: str = Field(max_length=63, primary_key=True)
    hour: datetime = Field(sa_type=UtcDateTime, primary_key=True, description="When the hour or the day began.")
    used: int = Field(sa_type=BigInteger)
