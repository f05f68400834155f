"""DatabaseName: a parameter that is one of the databases which the administrator has named."""

from dataclasses import dataclass
from typing import Annotated, Final

OWN: Final = ""
"""The name of the desk's data database."""


@dataclass(frozen=True, slots=True)
class Database:
    """Marks a text as the name of a database: what the job writes to `ctx.data` goes there."""


DatabaseName = Annotated[str, Database()]
