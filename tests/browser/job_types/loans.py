"""A row job with a service: the library's own database, whose diary says when it was opened and closed."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel
from sqlalchemy import Connection, create_engine, text

from webapp.authoring import Depends, Rejected, job
from webapp.settings import Settings

TABLES = ("CREATE TABLE IF NOT EXISTS diary (what TEXT)", "CREATE TABLE IF NOT EXISTS loan (book TEXT, reader TEXT)")


class Loan(BaseModel):
    """Who takes which book."""

    book: str
    reader: str


def open_library(settings: Settings) -> Iterator[Connection]:
    """A connection to the library's database, in which each statement counts at once."""
    engine = create_engine(f"sqlite:///{settings.data / 'library.sqlite3'}", isolation_level="AUTOCOMMIT")
    with engine.connect() as library:
        for table in TABLES:
            library.execute(text(table))
        library.execute(text("INSERT INTO diary VALUES ('opened')"))
        try:
            yield library
        finally:
            library.execute(text("INSERT INTO diary VALUES ('closed')"))
    engine.dispose()


@job(title="Lend books", icon="archive")
def lend_books(row: Loan, library: Annotated[Connection, Depends(open_library)]) -> None:
    """Lend each book that is not lent yet."""
    reader = library.execute(text("SELECT reader FROM loan WHERE book = :book"), {"book": row.book}).scalar()
    if reader:
        raise Rejected(f"is lent to {reader}", column="book")
    if row.reader == "nobody":
        raise ValueError("nobody reads")
    library.execute(text("INSERT INTO loan VALUES (:book, :reader)"), row.model_dump())
