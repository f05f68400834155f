"""Yes and no. A column's style is the pair of words it is written with; without one, English or a computer's.

Letters stand for a word where they can hardly be anything else: s/n may as well be south and north.
"""

from typing import Final

_PAIRS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "": (frozenset({"yes", "true", "y", "t", "on"}), frozenset({"no", "false", "n", "f", "off"})),
    "ja/nein": (frozenset({"ja", "j", "wahr"}), frozenset({"nein", "n", "falsch"})),
    "ja/nee": (frozenset({"ja", "j", "waar"}), frozenset({"nee", "n", "onwaar"})),
    "ja/nej": (frozenset({"ja", "j", "sand", "sant"}), frozenset({"nej", "nei", "n", "falsk", "usann"})),
    "oui/non": (frozenset({"oui", "vrai"}), frozenset({"non", "faux"})),
    "sí/no": (frozenset({"sí", "si", "verdadero"}), frozenset({"no", "falso"})),
    "sì/no": (frozenset({"sì", "si", "vero"}), frozenset({"no", "falso"})),
    "sim/não": (frozenset({"sim", "verdadeiro"}), frozenset({"não", "nao", "falso"})),
    "tak/nie": (frozenset({"tak", "prawda"}), frozenset({"nie", "fałsz"})),
    "ano/ne": (frozenset({"ano", "áno", "pravda"}), frozenset({"ne", "nie", "nepravda"})),
    "да/нет": (frozenset({"да", "истина"}), frozenset({"нет", "ложь"})),
    "x": (frozenset({"x", "✓", "✔", "☑", "☒"}), frozenset({"☐"})),
}
STYLES: Final = tuple(_PAIRS)
MARK: Final = "x"
"""The style of a column with a mark where it is yes and nothing where it is no."""


def _clear_words() -> dict[str, bool]:
    """All words that say the same in each language that has them; marks are none."""
    spoken = [pair for style, pair in _PAIRS.items() if style != MARK]
    yes, no = (frozenset[str]().union(*words) for words in zip(*spoken, strict=True))
    return dict.fromkeys(yes - no, True) | dict.fromkeys(no - yes, False)


CLEAR_WORDS: Final = _clear_words()
"""What a word means that is yes in some languages, or no in some, and never both; in small letters."""


def parse_boolean(text: str, style: str = "") -> bool:
    yes, no = _PAIRS[style]
    word = text.lower()
    if word not in yes and word not in no:
        raise ValueError("is neither yes nor no")
    return word in yes
