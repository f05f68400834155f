"""How likely it is that people wrote a text: an encoding read as another gives words that no language has."""

import re
import unicodedata
from collections import Counter
from functools import cache

# The letters beyond ASCII that the words of one language have.
_ALPHABETS = (
    "äöüß",  # German
    "éèêëàâçîïôùûüœæÿ",  # French
    "áéíóúñü",  # Spanish
    "ãõáéíóúâêôçà",  # Portuguese
    "àèéìòùî",  # Italian
    "ëïéèöüó",  # Dutch
    "åäöéü",  # Swedish, Finnish
    "æøåéöüäó",  # Danish, Norwegian
    "áðéíóúýþæö",  # Icelandic
    "àèéíïòóúüç",  # Catalan
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîşţșț",  # Romanian
    "čćđšž",  # Croatian, Slovene
    "çğıİöşüâî",  # Turkish
    "ąčęėįšųūž",  # Lithuanian
    "āčēģīķļņšūž",  # Latvian
    "äõöüšž",  # Estonian
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",  # Russian, Bulgarian
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",  # Ukrainian
    "абвгдеёжзійклмнопрстуўфхцчшыьэюя",  # Belarusian
    "абвгдђежзијклљмнњопрстћуфхцчџш",  # Serbian
    "абвгдѓежзѕијклљмнњопрстќуфхцчџш",  # Macedonian
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",  # Greek
)
_JAPANESE, _CHINESE, _TAIWANESE, _KOREAN = (1 << len(_ALPHABETS) + place for place in range(4))
# Hardly a Slovak word has one; å and à, which stand at the same places in Windows-1252, are everywhere in the West.
_RARE_LETTERS = frozenset("ŕĺŔĹ")
_LANGUAGES = tuple(1 << place for place in range(len(_ALPHABETS) + 4))
_ANY = sum(_LANGUAGES)
# The rows of a character set that hold its everyday characters.
_EVERYDAY = (
    (_CHINESE, "gb2312", range(0xB0, 0xD8)),
    (_JAPANESE, "euc_jp", range(0xB0, 0xD0)),
    (_TAIWANESE, "big5", range(0xA4, 0xC7)),
    (_KOREAN, "euc_kr", range(0xB0, 0xC9)),
)

# Each character is of a kind: an ASCII letter a A, a Latin one l L, Cyrillic c C, Greek g G (upper case: capitals),
# Hebrew h, Arabic r, Thai t, its marks T and leading vowels e, kana k and halfwidth w, Hangul o, Han n and rare N,
# a sign that joins words j, opens one u, closes one v, stands anywhere q, is strange x, is no text "!".
_SIGNS = {
    "j": "’·\xad–ŀ",
    "q": "“”…«»›‹€£¥°º±µ×·©¢№₪฿、。・「」（）：，；！？『』ー－～％／",  # noqa: RUF001 - they are meant
    "u": "‘„‚•§¿¡†½¼¾´",  # noqa: RUF001 - they are meant
    "v": "ª²³—®™",
    "T": "\u0e30\u0e32\u0e33",
    "e": "\u0e40\u0e41\u0e42\u0e43\u0e44",
}
_SCRIPTS = (
    ("HALFWIDTH KATAKANA", "w"),
    ("HIRAGANA", "k"),
    ("KATAKANA", "k"),
    ("HEBREW", "h"),
    ("ARABIC", "r"),
    ("FULLWIDTH", "q"),
)
_CASED = {"LATIN": "lL", "CYRILLIC": "cC", "GREEK": "gG"}
_SINGLE_LETTERS = "lLcCgG"
_FAULTS = tuple(
    (re.compile(pattern), cost)
    for pattern, cost in (
        ("!", 8.0),
        ("x", 5.0),
        ("(?<=[aAlLcCgG])[quv](?=[aAlLcCgG])|(?<=[aAlLcCgGhr])u|v(?=[aAlLcCgGhr])", 4.0),  # a sign amid a word
        ("[al](?=L)|l(?=A)|c(?=C)|g(?=G)", 3.0),  # a capital after a small letter
        ("(?<=[AL])L(?=[al])|(?<=C)C(?=c)|(?<=G)G(?=g)", 3.0),  # the second letter a capital, the third small
        ("[aAlL](?=[cCgGhrt])|[cC](?=[aAlLgGhrt])|[gG](?=[aAlLcChrt])|[hrtT](?=[aAlLcCgG])", 5.0),  # two scripts
        ("h(?=[rt])|r(?=[ht])|t(?=[hr])", 5.0),
        ("[aAlLcCgGhrt](?=[knNow])|[knNow](?=[aAlLcCgGhrt])", 3.0),
        ("[lL]{3}", 3.0),
        ("(?<![tT])T|e(?!t)|TTT", 3.0),  # a Thai vowel without its consonant
        ("N", 2.0),
        # The more characters a script has, the more easily chance hits one of them.
        ("w", 1.0),
        ("n", 0.5),
        ("o", 0.3),
        ("[teT]", 0.25),
        ("[kq]", 0.05),
    )
)
_WORD = re.compile("[^\x00-\x40\x5b-\x60\x7b-\x7f\xa0]+")
_MOST_WORDS = 150
_LONGEST_WORD = 60
_WORST = 10.0
_OTHER_LANGUAGE = 0.7


def foreign_words(text: str) -> list[str]:
    """The first 150 different words that have more than ASCII, none of more than 60 letters."""
    found = (word[:_LONGEST_WORD] for word in _WORD.findall(text) if not word.isascii())
    return list(dict.fromkeys(found))[:_MOST_WORDS]


def strangeness(words: list[str]) -> float:
    """How little the words look like language: 0 for what people write, 3 and more for each that they never would."""
    if not words:
        return 0.0
    total, spoken = 0.0, Counter[int]()
    for word in words:
        cost, languages = _judge(word)
        total += min(cost, _WORST)
        spoken[languages] += languages != _ANY
    main = max(sum(count for languages, count in spoken.items() if languages & one) for one in _LANGUAGES)
    return total + _OTHER_LANGUAGE * (spoken.total() - main)


def _judge(word: str) -> tuple[float, int]:
    """The cost of a word's faults, and the languages it may be of."""
    kinds = word.translate(_KINDS)
    cost = sum(weight * len(pattern.findall(kinds)) for pattern, weight in _FAULTS)
    if len(word) > 1 and not kinds.strip("lL"):
        cost += 2.0  # each letter with an accent
    cost += 1.5 * len(_RARE_LETTERS.intersection(word))
    languages = _ANY
    for character, kind in zip(word, kinds, strict=True):
        languages &= _languages(character, kind)
    return (cost, languages) if languages else (cost + 4.0, _ANY)


@cache
def _languages(character: str, kind: str) -> int:
    if kind in _SINGLE_LETTERS:
        return sum(
            one
            for one, letters in zip(_LANGUAGES, _ALPHABETS, strict=False)
            if character in letters or character.lower() in letters
        )
    if kind in "no":
        return sum(one for one, codec, rows in _EVERYDAY if _is_in(character, codec, rows))
    return {"k": _JAPANESE, "w": _JAPANESE}.get(kind, _ANY)


class _Kinds(dict[int, str]):
    """The kind of each character, by its code: filled as it is asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(chr(code))
        return kind


def _kind(character: str) -> str:
    if character.isascii():
        return "A" if character.isupper() else "a"
    sign = next((kind for kind, characters in _SIGNS.items() if character in characters), "")
    return sign or _kind_by_name(character, unicodedata.category(character), unicodedata.name(character, ""))


def _kind_by_name(character: str, category: str, name: str) -> str:
    if category.startswith("C") or character == "\ufffd":
        return "!"
    if category in {"Ll", "Lu"}:
        return _CASED.get(name.split(maxsplit=1)[0], "xx")[category == "Lu"]
    if name.startswith("THAI"):
        return {"Mn": "T", "Lo": "t"}.get(category, "x")
    if name.startswith(("CJK UNIFIED", "HANGUL")):
        common = any(_is_in(character, codec, rows) for _, codec, rows in _EVERYDAY)
        return "N" if not common else "o" if name.startswith("HANGUL") else "n"
    return next((kind for script, kind in _SCRIPTS if name.startswith(script)), "x")


def _is_in(character: str, codec: str, rows: range) -> bool:
    code = character.encode(codec, "ignore")
    return bool(code) and code[0] in rows


_KINDS = _Kinds()
