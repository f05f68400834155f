"""Rows that are typed or pasted instead of handed in as a file: they become one, and all goes on as with any other."""

import csv
import io
import re

from webapp.errors import BadInput
from webapp.kit import new_id
from webapp.store.tables import Upload, User
from webapp.store.uploads import Received
from webapp.web.desk import Desk
from webapp.web.uploads import uploads_of

FIELD = "typed"
NAME = "typed.csv"
TOO_FEW = (
    "Write the names of the columns in the first line and a row into each line below it, as a spreadsheet copies them; "
    "or e-mail addresses."
)
_BETWEEN = re.compile(r"[\n;,]")
_ADDRESS = re.compile(r"(?:(?P<name>[^<>@]*?)\s*<\s*)?(?P<address>[^\s<>@]+@[^\s<>@]+?)\s*>?")


def typed_upload(desk: Desk, user: User, text: str) -> Upload:
    """A file of what was typed.

    Raises:
        BadInput: there is no row in it; under `typed`.
    """
    content = table_of(text).encode()
    uploads, upload_id = uploads_of(desk), new_id()
    uploads.require_room(len(content))
    with uploads.files.write_upload(upload_id) as file:
        file.write(content)
    return uploads.add(user.id, [Received(upload_id, NAME, file.bytes, file.sha256)])[0]


def table_of(text: str) -> str:
    """What was typed as a table: addresses alone get a header, one line each; anything else is one already.

    Raises:
        BadInput: there is no row in it.
    """
    lines = "\n".join(line for line in text.splitlines() if line.strip())
    people = [_ADDRESS.fullmatch(part.strip()) for part in _BETWEEN.split(lines) if part.strip()]
    if people and all(people):
        return _addresses([(each["address"], (each["name"] or "").strip(' "')) for each in people if each])
    if "\n" not in lines:
        raise BadInput({FIELD: TOO_FEW})
    return f"{lines}\n"


def _addresses(people: list[tuple[str, str]]) -> str:
    named = any(name for _, name in people)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("email", "name") if named else ("email",))
    writer.writerows(people if named else [(address,) for address, _ in people])
    return text.getvalue()
