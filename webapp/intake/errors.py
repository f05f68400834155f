"""Why a file cannot be read as a table: each error is a sentence for the operator and a stable code."""

from collections.abc import Sequence
from typing import ClassVar


class IntakeError(Exception):
    """The file cannot be read as a table. `str(error)` is for the operator, `error.code` for programs."""

    code: ClassVar[str] = "unreadable_file"


class EmptyFileError(IntakeError):
    code = "empty_file"

    def __init__(self) -> None:
        super().__init__("The file is empty. Check that it was saved, and choose it again.")


class NotATableError(IntakeError):
    code = "not_a_table"

    def __init__(self, what: str, remedy: str = "Choose a CSV file.") -> None:
        super().__init__(f"This is {what}, not a table. {remedy}")


class DamagedFileError(IntakeError):
    code = "damaged_file"

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} is damaged. Make it again, or fetch it again, and choose the new file.")


class LockedFileError(IntakeError):
    code = "locked_file"

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} is locked with a password. Save it without the password, and choose that file.")


class TooMuchInsideError(IntakeError):
    code = "too_much_inside"

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"There is more in this {what} than can be read. {remedy}")


class NoSuchSheetError(IntakeError):
    code = "no_such_sheet"

    def __init__(self, name: str, there: Sequence[str]) -> None:
        shown = ", ".join(f"“{other}”" for other in there[:20])
        super().__init__(f"There is no “{name}” in this file. Choose one of these: {shown}.")


class NoSuchEncodingError(IntakeError):
    code = "no_such_encoding"

    def __init__(self, name: str) -> None:
        super().__init__(f"No file can be read as “{name[:40]}”. Choose one of the encodings that are offered.")


class LateLineError(IntakeError):
    code = "late_line"

    def __init__(self, latest: int) -> None:
        super().__init__(
            f"In this file the last line of the table can be set up to line {latest:,}. "
            "Take what is below it away in the file itself.",
        )


class NoRowsError(IntakeError):
    code = "no_rows"

    def __init__(self) -> None:
        super().__init__("The file has a header and no rows below it. Add the rows, or choose another file.")


class TooWideError(IntakeError):
    code = "too_many_columns"

    def __init__(self, found: int, limit: int) -> None:
        super().__init__(
            f"The file has {found:,} columns; {limit:,} is the most that can be read. "
            "Check that rows end with a line break, or split the file.",
        )


class UnknownReadingError(IntakeError):
    code = "unknown_reading"

    def __init__(self) -> None:
        super().__init__(
            "How this file is to be read was noted by another version of Batchdesk. Hand the file in again.",
        )
