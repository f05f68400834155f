"""Join the stylesheets into ``static/app.css`` and the scripts into ``static/app.js``.

A page then loads one of each. The joined files are committed; a test compares them with a fresh build.
"""

import re
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
PICTURE: Final = re.compile(r'url\("data:[^"]*"\)')


def stylesheet(static: Path = STATIC) -> str:
    """Pico, then every file of ``static/css`` in the order of their names.

    Pico's pictures are ``data:`` addresses, which the content security policy refuses: ours are drawn instead.
    """
    pico = PICTURE.sub("none", _read(static / "vendor" / "pico.min.css"))
    ours = (_squeezed(_read(part)) for part in sorted((static / "css").glob("*.css")))
    return "".join(f"{part}\n" for part in (pico, *ours))


def script(static: Path = STATIC) -> str:
    """The htmx library with its stream extension, then every file of ``static/js`` in the order of their names."""
    ours = (_bare(_read(part)) for part in sorted((static / "js").glob("*.js")))
    return "".join(f"{part.rstrip()}\n" for part in (_read(static / "vendor" / "htmx.js"), *ours))


def main() -> None:
    """Write both files."""
    (STATIC / "app.css").write_text(stylesheet(), encoding="utf-8")
    (STATIC / "app.js").write_text(script(), encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _bare(script: str) -> str:
    """A script of ours without its remarks, which have lines of their own."""
    return "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("//"))


def _squeezed(css: str) -> str:
    lines = (line.strip() for line in COMMENT.sub("", css).splitlines())
    return "\n".join(line for line in lines if line)


if __name__ == "__main__":
    main()
