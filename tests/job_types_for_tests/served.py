"""Jobs with a service: a database of its own that is opened for the attempt."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

from webapp.authoring import Cancelled, Context, Depends, JobError, Retry, Row, job
from webapp.settings import Settings


def shop_path(settings: Settings) -> Path:
    """Where the database is."""
    return settings.data / "shop.sqlite3"


def open_shop(ctx: Context, path: Annotated[Path, Depends(shop_path)]) -> Iterator[sqlite3.Connection]:
    """A connection: what was done is kept if the job was left well, and undone if not."""
    if not path.exists():
        raise ConnectionError("the shop is closed")
    ctx.log("opened")
    with closing(sqlite3.connect(path)) as shop, shop:
        yield shop
    ctx.log("closed")


Shop = Annotated[sqlite3.Connection, Depends(open_shop)]
HOW: dict[str, type[BaseException]] = {"error": KeyError, "refuse": JobError, "stop": Cancelled}


@job(title="Sell rows")
def sell_rows(row: Row, shop: Shop) -> None:
    """Write each row into the shop."""
    if row["do"]:
        raise HOW[row["do"]]("no")
    shop.execute("INSERT INTO sold VALUES (?)", (row["id"],))


@job(title="Sell one", retry=Retry(attempts=2, on=(ConnectionError,)))
def sell_one(shop: Shop, *, what: int = 1) -> None:
    """Write one thing into the shop."""
    shop.execute("INSERT INTO sold VALUES (?)", (what,))
