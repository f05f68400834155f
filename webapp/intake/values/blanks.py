"""Words that are written where there is nothing to write."""

from typing import Final

PLACEHOLDERS: Final = frozenset(
    {
        *(
            "n/a",
            "n.a.",
            "na",
            "#n/a",
            "#na",
            "k.a.",
            "null",
            "(null)",
            "<null>",
            "\\n",
            "none",
            "nil",
            "nan",
            "(blank)",
        ),
        *("-", "--", "---", "\N{EN DASH}", "\N{EM DASH}", ".", "..", "...", "?", "0000-00-00", "0000-00-00 00:00:00"),
        *("$-", "$ -", "-$", "- $", "€-", "€ -", "-€", "- €", "£-", "£ -", "-£", "- £"),
    },
)
"""In small letters. The `\\n` is a backslash and an n, as databases write it."""
_LONGEST: Final = max(map(len, PLACEHOLDERS))


def is_placeholder(text: str) -> bool:
    """Whether a stripped text only says that there is no value."""
    return len(text) <= _LONGEST and text.lower() in PLACEHOLDERS
