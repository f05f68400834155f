"""File jobs and plain jobs for the tests of the engine room."""

import hashlib
import subprocess
import time
from pathlib import Path

from pydantic import SecretStr

from webapp.authoring import Cancelled, Context, Rejected, Table, UploadedFile, job


@job(title="Keep a table")
def keep_table(table: Table, ctx: Context, *, size: int = 100, leave_after: int = 0, last: int = 0) -> None:
    """Put a table's rows into the data database, maybe leave early, and maybe add a last row of its own."""
    for count, batch in enumerate(table.batches(size), 1):
        for number, cells in zip(batch.rows, batch.cells, strict=True):
            ctx.data.insert("kept", {"id": int(cells[0])}, row_number=number)
        if count == leave_after:
            break
    if last:
        ctx.data.insert("kept", {"id": last})


@job(title="Judge a table")
def judge_table(table: Table) -> None:
    """Reject, skip and fail the second, third and fourth of every ten rows."""
    for batch in table.batches(10):
        batch.reject(1, "not this one", "id")
        batch.skip(2, "nothing to do")
        batch.fail(3, "did not work")


@job(title="Slow table")
def slow_table(table: Table, ctx: Context) -> None:
    """One row at a time, with no writes; each leaves a line in the log."""
    for batch in table.batches(1):
        ctx.log(f"row {batch.rows[0]}")
        time.sleep(0.05)


@job(title="Read a table twice")
def read_twice(table: Table) -> None:
    """As one may think that it can be done."""
    for _ in range(2):
        for _batch in table.batches(10):
            pass


@job(title="Copy a table", restart=True)
def copy_table(table: Table, ctx: Context, *, keep: bool = False) -> None:
    """Write the rows into a result; with `keep`, wrongly into the data database as well."""
    with ctx.open_result("copy.txt") as result:
        for batch in table.batches(10):
            for cells in batch.cells:
                result.write(cells[0].encode() + b"\n")
                if keep:
                    ctx.data.insert("kept", {"id": int(cells[0])})


@job(title="Hash a file")
def hash_file(file: UploadedFile, ctx: Context) -> None:
    """Say the hash of the file in the log."""
    ctx.log(hashlib.sha256(file.path.read_bytes()).hexdigest())


@job(title="Keep some")
def keep_some(ctx: Context, *, rows: int = 3, do: str = "") -> None:
    """A plain job that writes rows."""
    for number in range(1, rows + 1):
        ctx.data.insert("kept", {"id": number})
    if do == "error":
        raise LookupError("it is all over")
    if do == "reject":
        raise Rejected("there is no row to reject")
    if do == "cancelled":
        raise Cancelled
    if do == "spin":
        while True:
            pass


@job(title="Talk")
def talk(ctx: Context, *, token: SecretStr, fail_in_file: bool = False) -> None:
    """Say all that a job can say."""
    ctx.progress(1, 3, "one of three")
    ctx.log("the secret has " + str(len(token.get_secret_value())) + " characters")
    ctx.log("a name of an odd file: \udcff", "warning")
    with ctx.open_result("made.txt") as result:
        result.write(b"first half, ")
        if fail_in_file:
            raise LookupError("no second half")
        result.write(b"second half")


@job(title="Run a program")
def run_program(*, mark: str) -> None:
    """Start a program that writes its process id into the file `mark`, and wait for it."""
    subprocess.run(["sh", "-c", 'echo $$ > "$0.part"; mv "$0.part" "$0"; sleep 600', mark], check=True)


@job(title="Obey by returning", time_limit=4.0)
def obey(ctx: Context, *, mark: str = "") -> None:
    """Wait until it has to stop, and return then."""
    if mark:
        Path(mark).touch()
    while not ctx.cancelled:
        time.sleep(0.01)


@job(title="Obey by returning from a table")
def obey_table(table: Table, ctx: Context) -> None:
    """Stop in the midst of a batch."""
    for batch in table.batches(2):
        for row in batch.rows:
            while row == 4:
                if ctx.cancelled:
                    return
                time.sleep(0.01)


@job(title="Leave a program behind")
def leave_program(*, mark: str) -> None:
    """Start a program that writes its process id into the file `mark`, and do not wait for it."""
    subprocess.Popen(["sh", "-c", 'echo $$ > "$0.part"; mv "$0.part" "$0"; sleep 600', mark])
    while not Path(mark).exists():
        time.sleep(0.01)


@job(title="Touch a file and wait")
def wait_for(ctx: Context, *, mark: str, until: str = "") -> None:
    """Make the file `mark`, then wait until the file `until` is there or the job is called off."""
    Path(mark).write_text(str(ctx.job.attempt))
    while not (until and Path(until).exists()):
        ctx.check_cancelled()
        time.sleep(0.01)


@job(title="Take much memory", memory_limit=400_000_000)
def take_memory(*, megabytes: int = 2_000) -> None:
    """Ask for memory in one piece."""
    bytearray(megabytes * 1_000_000)


@job(title="Take time", time_limit=4.0)
def take_time(ctx: Context, *, look: bool = True) -> None:
    """Take more than there is, and look at the clock or not."""
    while True:
        if look:
            ctx.check_cancelled()
