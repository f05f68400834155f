"""What a back-up says of itself: the versions that made it, what it holds, and by which sums that is known again."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from webapp.errors import BadBackup

FORMAT = 1
MANIFEST = "manifest.json"
DESK = "desk.sqlite3"
DATA = "data.sqlite3"
UPLOADS = "uploads"
RESULTS = "results"
KEY = "secret.key"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last into a back-up. `sums` and `rows` are by the name of a database, `damaged` names files."""

    batchdesk: str
    schema: str
    taken_at: datetime
    engine: str
    sums: dict[str, str]
    rows: dict[str, dict[str, int]]
    files: int
    bytes: int
    damaged: list[str]
    key: str | None
    format: int = FORMAT

    @property
    def moment(self) -> str:
        """When it was taken, for people."""
        return f"{self.taken_at:%Y-%m-%d %H:%M} UTC"

    def write(self, folder: Path) -> None:
        """Put it into a back-up's folder."""
        values = {**asdict(self), "taken_at": self.taken_at.isoformat()}
        (folder / MANIFEST).write_text(json.dumps(values, indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a back-up.

        Raises:
            BadBackup: there is none, or a newer program wrote it.
        """
        try:
            values: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            known = values["format"] == FORMAT
        except (OSError, ValueError, KeyError, TypeError):
            raise BadBackup(f"{folder} is not a back-up of a desk: its {MANIFEST} can't be read.") from None
        if not known:
            raise BadBackup(f"{folder} was made by a newer Batchdesk: restore it with that one.")
        try:
            return cls(**{**values, "taken_at": datetime.fromisoformat(values["taken_at"])})
        except (KeyError, TypeError, ValueError):
            raise BadBackup(f"{folder / MANIFEST} is damaged.") from None
