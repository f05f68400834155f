"""Which of the encodings from before Unicode some text is in: a detector's opinion, weighed with what people write.

Tables are mostly ASCII, and detectors are made for prose: fed whole files they take Müller for Hungarian. So only
cells that have more than ASCII count, each once. The detector knows which letters follow each other in a language;
`letters` knows which stand in no word; and without much to go by a file is Windows-1252, as most are.
"""

import codecs
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from webapp.intake.letters import foreign_words, strangeness

# How much likelier or less likely than Windows-1252 an encoding is before its text is looked at: natural logarithms.
_PRIORS = {
    "cp1252": 0.0,
    **dict.fromkeys(("cp1251", "cp932", "gb18030", "cp949", "cp950"), -1.0),
    **dict.fromkeys(("cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874"), -1.5),
    **dict.fromkeys(("iso8859-7", "iso8859-15", "koi8-r", "euc_jp", "big5hkscs"), -2.0),
    **dict.fromkeys(
        ("iso8859-2", "iso8859-5", "iso8859-6", "iso8859-8", "iso8859-9", "iso8859-13", "koi8-u", "cp866"), -2.5
    ),
    **dict.fromkeys(("mac-roman", "cp850", "cp852"), -3.0),
    **dict.fromkeys(("cp437", "cp858"), -3.2),
    **dict.fromkeys(("mac-cyrillic", "mac-greek", "mac-latin2"), -4.0),
    **dict.fromkeys(("cp737", "cp775", "cp857", "cp862", "cp1125"), -4.0),
}
# What the detector calls an encoding, or one so near that its opinion serves.
_DETECTED_AS = {"cp950": "big5hkscs", "euc_jp": "euc_jis_2004", "cp858": "cp850"}
# Not at "|": that byte is the second half of many a character in Shift-JIS, GBK and Big5.
_CELL_END = re.compile(rb'[,;\t"\r\n]+')
_EVIDENCE_BYTES = 16 * 1024
_LONGEST_CELL = 200
_STRANGENESS_WEIGHT = 1.5
_DETECTOR_WEIGHT = 3.0
_LEAST_OPINION = -2.0
_SOME_WORDS = 5


@dataclass(frozen=True, slots=True)
class Ranked:
    """An encoding and how well it fits: the difference of two scores is the logarithm of the odds between them."""

    encoding: str
    score: float


def rank_encodings(lines: Iterable[bytes]) -> list[Ranked]:
    """The encodings that lines with more than ASCII may be in, the likeliest first; one of those that agree on them."""
    evidence = _evidence(lines)
    opinions = _detector_opinions(evidence)
    ranked: dict[str, Ranked] = {}
    for encoding in _PRIORS:
        text = evidence.decode(encoding, "replace")
        score = _score(encoding, foreign_words(text), opinions.get(encoding, _LEAST_OPINION))
        known = ranked.get(text, Ranked(encoding, score))
        ranked[text] = Ranked(known.encoding, max(known.score, score))
    return sorted(ranked.values(), key=lambda each: -each.score)


def _evidence(lines: Iterable[bytes]) -> bytes:
    """The different cells with more than ASCII, as many as fit: first those with a byte that none before has."""
    telling: dict[bytes, None] = {}
    others: dict[bytes, None] = {}
    seen: set[int] = set()
    for cell in (cell for line in lines for cell in _CELL_END.split(line) if not cell.isascii()):
        (others if seen.issuperset(cell) else telling)[cell[:_LONGEST_CELL]] = None
        seen.update(cell)
    step = sum(map(len, others)) // _EVIDENCE_BYTES + 1
    return b"\n".join([*telling, *list(others)[::step]])[: 2 * _EVIDENCE_BYTES]


def _detector_opinions(evidence: bytes) -> dict[str, float]:
    """How sure the detector is of each encoding against its favourite: 0 for that, less for others."""
    import chardet  # noqa: PLC0415 - slow to import, and most files never need it

    detected_as = {encoding: _DETECTED_AS.get(encoding, encoding) for encoding in _PRIORS}
    results = chardet.detect_all(
        evidence, ignore_threshold=True, compat_names=False, include_encodings=set(detected_as.values())
    )
    sure = {codecs.lookup(result["encoding"]).name: result["confidence"] for result in results if result["encoding"]}
    top = max(sure.values(), default=0.0)
    return {
        encoding: max(math.log(sure[name] / top), _LEAST_OPINION)
        for encoding, name in detected_as.items()
        if sure.get(name)
    }


def _score(encoding: str, words: list[str], opinion: float) -> float:
    count = len(words)
    score = _PRIORS[encoding] - _STRANGENESS_WEIGHT * strangeness(words)
    score += _DETECTOR_WEIGHT * opinion * min(count / _SOME_WORDS, 1.0)
    return score if encoding == "cp1252" else score - 1.0 / max(count, 1)
