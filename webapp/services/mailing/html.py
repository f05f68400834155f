"""HTML of a mail: what operators may write, and no address in it that a cell has turned into something else."""

import html
import re
from html.parser import HTMLParser

SCHEMES = ("http", "https", "mailto", "tel", "cid")
LINKS = frozenset({"href", "src", "background", "action", "formaction", "poster", "cite", "longdesc", "data", "srcset"})
FORBIDDEN = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "base", "link", "meta", "svg"}
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_IGNORED = re.compile(r"[\x00-\x20]")  # what browsers leave out before and within a scheme


class HtmlError(ValueError):
    """The HTML holds what no mail may; the message completes "*The HTML text* …"."""


def require_harmless(text: str) -> None:
    """See that HTML runs nothing and leads only to pages and addresses.

    Raises:
        HtmlError: it does not; says what.
    """
    finder = _Finder()
    finder.feed(text)
    finder.close()


def escaped(cell: str) -> str:
    """A cell as HTML: its signs, and its line breaks."""
    return html.escape(cell).replace("\r\n", "\n").replace("\n", "<br>")


class _Finder(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN:
            raise HtmlError(f"has <{tag}>, which mail programs refuse: take it out")
        for name, value in attrs:
            if name.startswith("on"):
                raise HtmlError(f"has the attribute {name[:40]}, which would run a script: take it out")
            if name in LINKS:
                _require_plain_link(value or "")

    handle_startendtag = handle_starttag


def _require_plain_link(link: str) -> None:
    plain = _IGNORED.sub("", link)
    scheme = _SCHEME.match(plain)
    if scheme is None or scheme[1].lower() not in SCHEMES:
        shown = link if len(link) <= 60 else link[:59] + "…"  # noqa: PLR2004 (characters shown)
        raise HtmlError(f"leads to “{shown}”: an address has to begin with https://, http:// or mailto:")
