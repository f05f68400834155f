"""Work on a text file: the built-in job that counts, replaces, normalises and splits."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from webapp.authoring import Context, UploadedFile, job
from webapp.services.outputs.csv import CsvOutput
from webapp.services.text.count import count
from webapp.services.text.normalise import LineEnds, normalise, normaliser
from webapp.services.text.replace import change_of, compiled, replace
from webapp.services.text.source import TextSource
from webapp.services.text.split import Begins, by_lines, by_separator, by_size, split

TEXTS = (
    *(".txt", ".log", ".md", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".html", ".htm", ".sql", ".yaml", ".yml"),
    *(".ini", ".conf", ".srt", ".tex", ".ics", ".vcf", ".eml"),
)
HOUR = 3_600
MB = 1_000_000

What = Literal["count", "replace", "normalise", "split"]
WHAT_LABELS = {
    "count": "Count lines, words and characters",
    "replace": "Search and replace",
    "normalise": "Normalise",
    "split": "Split into several files",
}
END_LABELS = {"lf": "As on Linux and macOS (LF)", "crlf": "As on Windows (CRLF)", "keep": "As they are"}
SPLIT_LABELS = {"lines": "By lines", "size": "By size", "separator": "Where a line begins with"}
AS_TYPED = {"strip": False}


class Replacing(BaseModel):
    """For search and replace."""

    search: Annotated[str | None, Field(title="Search for", max_length=200, json_schema_extra=AS_TYPED)] = None
    replacement: Annotated[str, Field(title="Replace by", max_length=200, json_schema_extra=AS_TYPED)] = ""
    regular: Annotated[
        bool,
        Field(title="It is a regular expression", description="As Python writes them; \\1 is what the first () found."),
    ] = False
    ignore_case: Annotated[bool, Field(title="Capitals and small letters are the same")] = False
    whole_words: Annotated[bool, Field(title="Whole words only")] = False


class Normalising(BaseModel):
    """For normalising."""

    line_ends: Annotated[LineEnds, Field(title="Line ends", json_schema_extra={"labels": END_LABELS})] = "lf"
    trailing: Annotated[bool, Field(title="Take blanks away at the ends of lines")] = True
    tab_width: Annotated[
        int | None, Field(title="Spaces for a tab", ge=1, le=16, description="Blank leaves tabs as they are.")
    ] = None
    compose: Annotated[
        bool, Field(title="Compose letters", description="An e and an accent become one é (Unicode NFC).")
    ] = True


class Splitting(BaseModel):
    """For splitting."""

    by: Annotated[
        Literal["lines", "size", "separator"], Field(title="Split", json_schema_extra={"labels": SPLIT_LABELS})
    ] = "lines"
    lines: Annotated[int, Field(title="Lines to a file", ge=1, le=1_000_000_000)] = 100_000
    megabytes: Annotated[int, Field(title="Megabytes to a file", ge=1, le=100_000)] = 10
    separator: Annotated[str | None, Field(title="A file begins with", max_length=200, json_schema_extra=AS_TYPED)] = (
        None
    )


def what_does_not_fit(params: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    replacing: Replacing = params["replacing"]
    if params["what"] == "split" and params["splitting"].by == "separator" and not params["splitting"].separator:
        return {"splitting.separator": "Type what the first line of each file begins with."}
    if params["what"] != "replace":
        return {}
    if not replacing.search:
        return {"replacing.search": "Type what is to be searched for."}
    field = "replacing.search"
    try:
        pattern = pattern_of(replacing)
        field = "replacing.replacement"
        change_of(pattern, replacing.replacement, regular=replacing.regular)
    except ValueError as error:
        return {field: f"This {error}."}
    return {}


@job(title="Work on a text file", icon="pencil", accepts=TEXTS, time_limit=HOUR, check=what_does_not_fit)
def text(  # noqa: PLR0913 (each of the others is a field of the form)
    file: UploadedFile,
    ctx: Context,
    *,
    what: Annotated[What, Field(title="What to do", json_schema_extra={"labels": WHAT_LABELS})] = "count",
    words: Annotated[
        int, Field(title="Words to list", ge=0, le=10_000, json_schema_extra={"shown_if": {"what": "count"}})
    ] = 100,
    replacing: Annotated[
        Replacing,
        Field(
            title="Search and replace", default_factory=Replacing, json_schema_extra={"shown_if": {"what": "replace"}}
        ),
    ],
    normalising: Annotated[
        Normalising,
        Field(title="Normalise", default_factory=Normalising, json_schema_extra={"shown_if": {"what": "normalise"}}),
    ],
    splitting: Annotated[
        Splitting,
        Field(
            title="Split into several files",
            default_factory=Splitting,
            json_schema_extra={"shown_if": {"what": "split"}},
        ),
    ],
) -> None:
    """Count what is in a text file, replace, normalise it or split it.

    The file may be of any size and in any encoding, which is found. Results are in UTF-8. Each line is looked at by
    itself, so nothing is found across the end of a line.

    Args:
        file: The text.
        ctx: The job's context.
        what: Count, replace, normalise or split.
        words: Those that come most often.
        replacing: A pattern that takes longer than some seconds in one line stops the job.
        normalising: The result is in UTF-8 without a byte order mark.
        splitting: The files come in a ZIP, 10,000 at most. Lines are never cut.
    """
    path = PurePath(file.name)
    source = TextSource(file.path, lambda done, total: ctx.progress(done, total, "bytes read"))
    ctx.log(f"Read as {source.encoding.upper()}.")
    if source.judged.bad_bytes:
        ctx.log(f"At least {source.judged.bad_bytes:,} bytes are no {source.encoding.upper()} text.", "warning")
    if what == "count":
        write_counts(source, ctx, path.stem, words)
    elif what == "replace":
        change = change_of(pattern_of(replacing), replacing.replacement, regular=replacing.regular)
        with ctx.open_result(f"{path.stem}-replaced{path.suffix}") as result:
            times, lines = replace(source, change, result)
        ctx.log(f"{times:,} replacements in {lines:,} lines.", "info" if times else "warning")
    elif what == "normalise":
        normal = normaliser(trailing=normalising.trailing, tab_width=normalising.tab_width, compose=normalising.compose)
        with ctx.open_result(f"{path.stem}-normalised{path.suffix}") as result:
            lines = normalise(source, normal, normalising.line_ends, result)
        ctx.log(f"{lines:,} lines were changed.")
    else:
        with ctx.open_result(f"{path.stem}-parts.zip") as result:
            parts = split(source, begins_of(splitting), result, (path.stem, path.suffix), ctx.job.submitted_at)
        ctx.log(f"{parts:,} files.")


def pattern_of(replacing: Replacing) -> re.Pattern[str]:
    """What is searched for.

    Raises:
        ValueError: it is no regular expression.
    """
    search, regular = replacing.search or "", replacing.regular
    return compiled(search, regular=regular, ignore_case=replacing.ignore_case, whole_words=replacing.whole_words)


def begins_of(splitting: Splitting) -> Begins:
    """Which lines begin another file."""
    if splitting.by == "lines":
        return by_lines(splitting.lines)
    return by_size(splitting.megabytes * MB) if splitting.by == "size" else by_separator(splitting.separator or "")


def write_counts(source: TextSource, ctx: Context, stem: str, most: int) -> None:
    """Hand back what was counted, and the words that come most often."""
    counts = count(source)
    said = {
        "lines": counts.lines,
        "words": counts.words,
        "characters": counts.characters,
        "bytes": source.size,
        "different words": len(counts.often),
        "characters that could not be read": counts.bad,
    }
    ctx.log(", ".join(f"{number:,} {name}" for name, number in said.items() if number) or "The file is empty.")
    if counts.is_estimate:
        ctx.log("There are very many different words: how often each comes is counted from below.", "warning")
    with ctx.open_result(f"{stem}-counts.csv") as result:
        CsvOutput(result, ["what", "count"]).write([[name, str(number)] for name, number in said.items()])
    if most:
        often = sorted(counts.often.items(), key=lambda each: (-each[1], each[0]))[:most]
        with ctx.open_result(f"{stem}-words.csv") as result:
            CsvOutput(result, ["word", "times"]).write([[word, str(times)] for word, times in often])
