"""A report in the formats that were chosen: as files to download, and to mail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from webapp.authoring import Context
from webapp.services.mail import Attachment
from webapp.services.reports.csv import csv_of
from webapp.services.reports.html import html_of
from webapp.services.reports.model import Report
from webapp.services.reports.texts import file_stem, shown

Format = Literal["html", "pdf", "xlsx", "csv"]
FORMAT_LABELS: Final = {
    "html": "Web page (HTML), one file",
    "pdf": "PDF",
    "xlsx": "Excel (XLSX)",
    "csv": "CSV, a file for each section",
}
MEDIA_TYPES: Final[dict[Format, str]] = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """In which formats, with charts or without, and what stands behind the title in the names of files."""

    formats: tuple[Format, ...]
    charts: bool
    suffix: str = ""


def hand_back(report: Report, wish: Wish, ctx: Context) -> tuple[Attachment, ...]:
    """Make the files, and show the first section on the job's page.

    Raises:
        JobError: a format can't be made here, or not of this report.
    """
    made = tuple(files_of(report, wish))
    for file in made:
        with ctx.open_result(file.name) as result:
            result.write(file.content)
    if report.sections:
        first = report.sections[0]
        rows = [[shown(value) for value in row] for row in first.all_rows()]
        ctx.show(first.title, [column.name for column in first.columns], rows)
    return made


def files_of(report: Report, wish: Wish) -> Iterator[Attachment]:
    """The files in the order of the form, each format once."""
    stem = "-".join(part for part in (file_stem(report.title), wish.suffix) if part)
    for format_ in (each for each in MEDIA_TYPES if each in wish.formats):
        for name, content in _contents(report, format_, stem, charts=wish.charts):
            yield Attachment(name, MEDIA_TYPES[format_], content)


def _contents(report: Report, format_: Format, stem: str, *, charts: bool) -> Sequence[tuple[str, bytes]]:
    if format_ == "csv":
        return [(f"{stem}-{section.key}.csv", csv_of(section)) for section in report.sections]
    if format_ == "html":
        return [(f"{stem}.html", html_of(report, charts=charts))]
    if format_ == "pdf":
        from webapp.services.reports.pdf import pdf_of  # noqa: PLC0415 (its library is there only if it was installed)

        return [(f"{stem}.pdf", pdf_of(report, charts=charts))]
    from webapp.services.reports.xlsx import xlsx_of  # noqa: PLC0415

    return [(f"{stem}.xlsx", xlsx_of(report, charts=charts))]
