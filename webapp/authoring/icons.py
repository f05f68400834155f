"""The pictures a job may have; they are drawn in `templates/macros/icons.html`."""

from typing import Literal, get_args

Icon = Literal[
    "alert",
    "archive",
    "arrow",
    "back",
    "broom",
    "calendar",
    "check",
    "chevron",
    "clock",
    "copy",
    "cross",
    "database",
    "dots",
    "download",
    "external",
    "file",
    "filter",
    "info",
    "key",
    "mail",
    "pause",
    "pencil",
    "people",
    "play",
    "plus",
    "repeat",
    "search",
    "shield",
    "skip",
    "sparkle",
    "stop",
    "table",
    "trash",
    "upload",
    "user",
]

ICONS: tuple[str, ...] = get_args(Icon)
