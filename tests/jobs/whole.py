"""The whole of what a desk's database says."""

from sqlmodel import SQLModel

from tests.jobs.bench import Bench


def everything(bench: Bench) -> str:
    """All that the desk's database says, in whatever table."""
    with bench.database.read() as session:
        return "\n".join(
            f"{table.name}: {row}"
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(table.select())
        )
