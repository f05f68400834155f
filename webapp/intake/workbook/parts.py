"""The parts of an XLSX workbook: which sheets it has, where they lie in the archive, how its cells are shown."""

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from webapp.intake.archives import Bounded, opened_entry, opened_zip
from webapp.intake.errors import DamagedFileError
from webapp.intake.workbook.formats import Shown, how_shown
from webapp.intake.workbook.xml import WHAT, elements


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet as the workbook lists it: `path` is where its cells lie in the archive."""

    name: str
    hidden: bool
    path: str


@dataclass(frozen=True, slots=True)
class Book:
    """What is needed to read any sheet of a workbook. `shown` says for each style how its numbers are shown."""

    sheets: tuple[Part, ...]
    strings: str
    shown: tuple[Shown, ...]
    since_1904: bool


class Package:
    """An open XLSX workbook; the names of its parts are matched without regard to case, as programs write them."""

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self._archive = archive
        self._size = size
        self._names = {entry.filename.replace("\\", "/").lower(): entry for entry in archive.infolist()}

    def has(self, path: str) -> bool:
        return path.lower() in self._names

    @contextmanager
    def part(self, path: str) -> Iterator[Bounded]:
        """The bytes of a part.

        Raises:
            DamagedFileError: there is no such part.
        """
        entry = self._names.get(path.lower())
        if entry is None:
            raise DamagedFileError(WHAT)
        with opened_entry(self._archive, entry, WHAT, self._size) as source:
            yield source

    @cached_property
    def main(self) -> str:
        """The path of the part that lists the sheets."""
        return next(iter(self._targets("_rels/.rels", "", "officeDocument").values()), "xl/workbook.xml")

    def book(self) -> Book:
        """The workbook's lists."""
        folder, name = posixpath.split(self.main)
        links = posixpath.join(folder, "_rels", f"{name}.rels")
        sheets, styles = self._targets(links, folder, "worksheet"), self._targets(links, folder, "styles")
        strings = self._targets(links, folder, "sharedStrings")
        listed: list[Part] = []
        since_1904 = False
        with self.part(self.main) as source:
            for element, attributes in elements(source):
                if element == "workbookPr":
                    since_1904 = attributes.get("date1904", "").lower() in {"1", "true", "on"}
                elif element == "sheet" and (path := sheets.get(_link(attributes))):
                    hidden = attributes.get("state", "visible") != "visible"
                    listed.append(Part(attributes.get("name", ""), hidden, path))
        return Book(
            sheets=tuple(listed),
            strings=next(iter(strings.values()), ""),
            shown=self._shown(next(iter(styles.values()), "")),
            since_1904=since_1904,
        )

    def _targets(self, path: str, folder: str, kind: str) -> dict[str, str]:
        """Where the links of one kind lead, by their ids; nowhere outside the archive."""
        if not self.has(path):
            return {}
        with self.part(path) as source:
            links = [attributes for element, attributes in elements(source) if element == "Relationship"]
        return {
            link.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/")
            for link in links
            if link.get("Type", "").endswith(f"/{kind}") and link.get("TargetMode") != "External"
        }

    def _shown(self, path: str) -> tuple[Shown, ...]:
        """How the number of a cell is shown, for each of the styles that cells name by their place."""
        if not self.has(path):
            return ()
        codes: dict[str, str] = {}
        styles: list[str] = []
        within = ""
        with self.part(path) as source:
            for element, attributes in elements(source):
                if element == "numFmt":
                    codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
                elif element == "xf" and within == "cellXfs":
                    styles.append(attributes.get("numFmtId", "0"))
                elif element in {"cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
                    within = element
        return tuple(how_shown(number, codes.get(number)) for number in styles)


@contextmanager
def opened_package(path: Path) -> Iterator[Package]:
    """The parts of the XLSX workbook at `path`."""
    with opened_zip(path, WHAT) as archive:
        yield Package(archive, path.stat().st_size)


def _link(attributes: dict[str, str]) -> str:
    """The id of a link, whichever prefix the workbook has for it."""
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")
