"""Jobs over several files for the tests of the engine room: what is in a file says what becomes of it."""

import sys

from webapp.authoring import Context, Items, JobError, Rejected, Skipped, job


def _do(deed: str) -> None:
    match deed:
        case "reject":
            raise Rejected("is not wanted here")
        case "skip":
            raise Skipped("needs nothing")
        case "error":
            raise LookupError("nobody foresaw it")
        case "sys.exit":
            sys.exit("gone")
        case "memory":
            raise MemoryError
        case "give up":
            raise JobError("There is no point in going on.")


@job(title="Take files")
def take_files(files: Items, ctx: Context) -> None:
    """Put the size of each file into the data database."""
    for each in files:
        with each.opened() as file:
            data = file.read()
            ctx.data.insert("kept", {"id": each.row, "size": len(data)}, row_number=each.row)
            _do(data.decode())


@job(title="Join files", restart=True)
def join_files(files: Items, ctx: Context) -> None:
    """Write what is in the files into one result."""
    with ctx.open_result("joined.txt") as result:
        for each in files:
            with each.opened() as file:
                result.write(each.name.encode() + b"=" + file.read() + b"\n")
