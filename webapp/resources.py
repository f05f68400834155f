"""Where templates and static files lie: inside the installed package, or at the top of a checkout."""

import hashlib
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@cache
def templates_folder() -> Path:
    """The folder of the templates.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    return _folder("templates")


@cache
def static_folder() -> Path:
    """The folder of the files that browsers fetch as they are.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    return _folder("static")


@cache
def version() -> str:
    """The version of Batchdesk."""
    project = PACKAGE.parent / "pyproject.toml"
    try:
        return installed_version("batchdesk")
    except PackageNotFoundError:
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])


@cache
def static_digest() -> str:
    """Changes when any static file does: in an address, it lets browsers keep the file for good."""
    digest = hashlib.sha256()
    for path in sorted(path for path in static_folder().rglob("*") if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _folder(name: str) -> Path:
    places = (PACKAGE / name, PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"The folder {name!r} is missing: {places[0]}. Install Batchdesk again.")
