"""Search and replace, line by line."""

import re
from collections.abc import Callable
from typing import BinaryIO

from webapp.authoring import JobError
from webapp.services.text.patience import Patience, TookTooLongError
from webapp.services.text.source import TextSource, TextWriter

Change = Callable[[str], tuple[str, int]]
"""A line with its replacements, and how many they are."""

_REFERENCE = re.compile(r"\\(?:g<(?P<name>\w+)>|(?P<number>[1-9][0-9]?)|(?P<sign>[\\nrt])|(?P<other>.?))", re.DOTALL)


def compiled(search: str, *, regular: bool, ignore_case: bool, whole_words: bool) -> re.Pattern[str]:
    """What is searched for.

    Raises:
        ValueError: it is no regular expression.
    """
    pattern = search if regular else re.escape(search)
    if whole_words:
        pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is not a regular expression: {error}") from None


def change_of(pattern: re.Pattern[str], replacement: str, *, regular: bool) -> Change:
    r"""What is done to a line; in a regular replacement \1 is what the first brackets found.

    Raises:
        ValueError: the replacement means nothing.
    """
    if not regular:
        return lambda line: pattern.subn(lambda _: replacement, line)
    for found in _REFERENCE.finditer(replacement):  # to try it out could take for ever
        group = found["name"] or found["number"] or "0"
        known = group in pattern.groupindex or (group.isdecimal() and int(group) <= pattern.groups)
        if found["other"] is not None or not known:
            raise ValueError(f"refers to {found[0]}, which the search has not: brackets make \\1, \\2 and so on")
    return lambda line: pattern.subn(replacement, line)


def replace(source: TextSource, change: Change, target: BinaryIO) -> tuple[int, int]:
    """Write the text with its replacements: how many, and in how many lines.

    Raises:
        JobError: the pattern takes too long.
    """
    replacements = lines = 0
    writer = TextWriter(target)
    with Patience() as patience:
        try:
            for patience.line, (line, end) in enumerate(source.lines(), 1):
                changed, times = change(line)
                replacements += times
                lines += times > 0
                writer.write(changed + end)
        except TookTooLongError:
            raise JobError(
                f"The pattern takes too long in line {patience.line:,}. Make it simpler: "
                "one repetition inside of another, such as (a+)+, can be tried in endless ways."
            ) from None
    writer.flush()
    return replacements, lines
