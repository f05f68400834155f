"""`batchdesk new NAME`: a job type that works, and its test that passes, to be made into one's own."""

import keyword
from pathlib import Path
from string import Template

from webapp.authoring.words import NAME, title_of
from webapp.errors import BadInput, Refused

SHAPES = ("row", "table", "file", "plain")


def write_new(name: str, shape: str, folder: Path) -> tuple[Path, Path]:
    """Write a job type and its test; the folder is made if need be.

    Args:
        name: what the job is called in addresses and in code.
        shape: one of SHAPES.
        folder: of the job types; the test goes into its folder `tests`, which the desk does not load.

    Returns:
        Both files.

    Raises:
        BadInput: the name is none, or there is no such shape.
        Refused: one of the files is there already; nothing was written.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise BadInput(
            {"name": f"{name!r} can't be a job's name: small letters, digits and _, beginning with a letter."}
        )
    if shape not in SHAPES:
        raise BadInput({"shape": f"There is no shape {shape!r}: there are {', '.join(SHAPES)}."})
    files = {"job": folder / f"{name}.py", "test": folder / "tests" / f"test_{name}.py"}
    for file in files.values():
        if file.exists():
            raise Refused(f"{file} is there already. Choose another name, or take it away first.")
    words = {"name": name, "title": title_of(name), "model": _model(name)}
    for part, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        pattern = Template((_starters() / f"{shape}_{part}.txt").read_text("utf-8"))
        with file.open("x", encoding="utf-8") as new:
            new.write(pattern.substitute(words))
    return files["job"], files["test"]


def _model(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_")) + "Row"


def _starters() -> Path:
    return Path(__file__).parent / "starters"
