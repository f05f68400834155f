"""@job: a function becomes a job type, and stays the function it was."""

import difflib
import hashlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Never, ParamSpec, Protocol, TypeVar, cast

from webapp.authoring.cleanup import read_cleanup
from webapp.authoring.docstring import read_docstring
from webapp.authoring.icons import ICONS, Icon
from webapp.authoring.job_type import AtOnce, Check, Estimate, JobType, Least, Needs, OnlyOne, RowKey
from webapp.authoring.options import check_options, check_row_key, refuse_bare
from webapp.authoring.params import make_params
from webapp.authoring.place import Place, place_of
from webapp.authoring.retry import Retry
from webapp.authoring.signature import Shape, read_signature
from webapp.authoring.start_page import Foresee, Preview, Trial
from webapp.authoring.undo import UndoFunction
from webapp.authoring.words import NAME, title_of

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

_ENDING = re.compile(r"\.[a-z0-9]+(\.[a-z0-9]+)?")
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".gz", ".zip")


class JobFunction(Protocol[P, R_co]):
    """A function as it was written, with its job type beside it."""

    job_type: JobType

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


def job(  # noqa: PLR0913 - each is optional, and named where it is used
    bare: None = None,
    /,
    *,
    title: str | None = None,
    name: str | None = None,
    restart: bool = False,
    retry: Retry | None = None,
    queue: str = "default",
    one_at_a_time: bool | OnlyOne = False,
    at_once: AtOnce | None = None,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    private: bool = False,
    role: Least = "operator",
    icon: Icon | None = None,
    accepts: tuple[str, ...] = TABLES,
    example: str | None = None,
    check: Check | None = None,
    needs: Needs | None = None,
    undo: UndoFunction | None = None,
    preview: Preview | None = None,
    foresee: Foresee | None = None,
    trial: Trial | None = None,
    confirm_above: int | None = None,
    row_key: RowKey | None = None,
    estimate: Estimate | None = None,
    cleanup: Callable[..., object] | None = None,
    **unknown: Never,
) -> Callable[[Callable[P, R_co]], JobFunction[P, R_co]]:
    """Register a function as a job.

    Args:
        bare: Nothing: options have names, and the brackets have to be there.
        title: What operators call it; otherwise made from the function's name.
        name: What addresses and the API call it; otherwise the function's name.
        restart: Whether an attempt that broke off may simply be started again from the beginning.
        retry: Which exceptions have the job, or the row that raised them, tried again by itself, and how often in all.
        queue: Jobs of one queue share the limit that the administrator gives it.
        one_at_a_time: True if never two of them may run at once; or a function of the parameters by name, and of those
            for which it says the same one runs.
        at_once: Of a row job: called with the parameters by name, says how many rows may be in the function's hands at
            the same time, in threads; what it does elsewhere it then does with `ctx.idempotency_key()`.
        time_limit: Seconds that an attempt may take.
        memory_limit: Bytes of memory that an attempt's process may take.
        private: Whether the desk's database may keep no cell of its files: pages show their shapes instead.
        role: Who may run it: "operator" for all who may run jobs, or "admin".
        icon: Its picture on the pages.
        accepts: The endings of the files it takes.
        example: A sample file in the folder of the function's module.
        check: Called with the parameters by name once each fits by itself, before the job is accepted; returns a
            sentence for each parameter that does not go with the others.
        needs: Called with `given` (the parameters by name) and the desk's `settings` before the job is accepted;
            returns a sentence for each parameter for which this desk lacks something, such as a mail server.
        undo: Undoes a job of this type that has ended; operators are offered that once.
        preview: Of a row job: called with `row`, `given` and `settings` before the start, returns a `Sight` of what the
            row will come to.
        foresee: Of a job on a table: called with a `sample` of it, `given` and `settings` before the start, returns
            what will happen to these rows. What is not given rightly yet is as at first, or None.
        trial: Of a row job: called with `to` besides, does it for the operator alone and says what was done.
        confirm_above: For more rows than this, the operator types their number before the start.
        row_key: Of a row job: the field or column that tells one row from another, or a function of the row that
            returns a text or a tuple of texts. Rows whose key an earlier job of this type has done are skipped, unless
            the operator wants them run.
        estimate: Called with the number of rows before the start; returns the seconds that they take, at least and at
            most. Without it the desk goes by past runs.
        cleanup: Called after each attempt, whatever became of it, even if its process was killed: it may ask for
            parameters of the job by their names, for `JobFacts`, and for services. It may be called twice. The next
            attempt waits for it.
        unknown: Nothing: what is misspelt is said.

    Raises:
        AuthoringError: The function cannot be a job; says what to mend.
    """
    options = {name: value for name, value in locals().items() if name not in {"bare", "unknown"}}
    refuse_bare(bare)

    def register(function: Callable[P, R_co]) -> JobFunction[P, R_co]:
        place = place_of(function)
        check_options(place, bare, unknown, options)
        slug = _checked_name(name or function.__name__, place)
        signature = read_signature(function, place)
        if signature.shape is not Shape.ROW and (preview or trial):
            raise place.mistake(
                "shows a row before its start, but is not called for each row: leave preview and trial out"
            )
        if signature.file_kind != "table" and foresee:
            raise place.mistake("foresees what happens to a table, but takes none: leave foresee out")
        check_row_key(row_key, signature.row_model, place, for_rows=signature.shape is Shape.ROW)
        is_async = inspect.iscoroutinefunction(inspect.unwrap(function))
        if at_once and (signature.shape is not Shape.ROW or is_async):
            raise place.mistake("says at_once, but is no plain function that is called for each row: leave it out")
        if at_once and row_key:
            raise place.mistake("says at_once and row_key: rows with keys of their own go one after the other")
        docstring = read_docstring(function)
        params_model, inputs = make_params(slug, signature, docstring.arguments, place)
        registered = cast("JobFunction[P, R_co]", function)
        registered.job_type = JobType(
            name=slug,
            title=title or title_of(slug),
            summary=docstring.summary,
            help=docstring.help,
            function=function,
            shape=signature.shape,
            row_model=signature.row_model,
            file_param=signature.file_param,
            file_kind=signature.file_kind,
            context_param=signature.context_param,
            services=signature.services,
            params_model=params_model,
            inputs=inputs,
            is_async=is_async,
            check=check,
            needs=needs,
            undo=undo,
            preview=preview,
            foresee=foresee,
            trial=trial,
            confirm_above=confirm_above,
            cleanup=read_cleanup(cleanup, params_model.model_fields, place) if cleanup else None,
            restart=restart,
            retry=retry,
            queue=_checked_queue(queue, place),
            only_one=_only_one(one_at_a_time),
            row_key=row_key,
            estimate=estimate,
            at_once=at_once,
            time_limit=time_limit,
            memory_limit=memory_limit,
            private=private,
            role=role,
            icon=_checked_icon(icon, place),
            accepts=() if signature.shape is Shape.PLAIN else _checked_endings(tuple(accepts), place),
            example=_example(example, place),
            source=place.file,
            version=hashlib.sha256(Path(place.file).read_bytes()).hexdigest()[:12],
        )
        _require_form(registered.job_type, place)
        return registered

    return register


def _checked_name(name: str, place: Place) -> str:
    if not NAME.fullmatch(name):
        raise place.mistake(
            f"has the name {name!r}: a job's name is small letters, digits and _, at most 63, beginning with a "
            'letter; give one by @job(name="...")'
        )
    return name


def _require_form(job_type: JobType, place: Place) -> None:
    """See now that the job can be asked for: the page that lists all jobs must not break over one."""
    try:
        job_type.schema()
    except Exception as error:
        raise place.mistake(f"can't be asked for: {type(error).__name__}: {error}") from error


def _checked_queue(queue: str, place: Place) -> str:
    if not NAME.fullmatch(queue):
        raise place.mistake(f"has the queue {queue!r}: a queue's name is small letters, digits and _, at most 63")
    return queue


def _only_one(one_at_a_time: bool | OnlyOne) -> OnlyOne | None:  # noqa: FBT001 (the author's word)
    if callable(one_at_a_time):
        return one_at_a_time
    return (lambda _: "") if one_at_a_time else None


def _checked_icon(icon: str | None, place: Place) -> str | None:
    if icon is None or icon in ICONS:
        return icon
    near = difflib.get_close_matches(icon, ICONS, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise place.mistake(f"has the icon {icon!r}{hint}: there are {', '.join(ICONS)}")


def _checked_endings(accepts: tuple[str, ...], place: Place) -> tuple[str, ...]:
    for ending in accepts:
        if not _ENDING.fullmatch(ending):
            raise place.mistake(f"accepts {ending!r}: write an ending with its dot in small letters, like '.csv'")
    return accepts


def _example(example: str | None, place: Place) -> Path | None:
    if example is None:
        return None
    path = Path(place.file).parent / example
    if not path.is_file():
        raise place.mistake(f"names the example {example!r}, which is not in the folder of its file")
    return path
