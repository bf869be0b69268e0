"""How names, postcodes and streets are spelled for comparison: alike, whatever system wrote them. Pure text to text."""

from __future__ import annotations

import re
import unicodedata

_OTHER_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "ħ": "h"}
)
# Cyrillic small letters by their code points, as passports of Ukraine and its neighbours write them.
# fmt: off
_CYRILLIC = {
    0x0430: "a", 0x0431: "b", 0x0432: "v", 0x0433: "h", 0x0434: "d", 0x0435: "e", 0x0436: "zh", 0x0437: "z",
    0x0438: "y", 0x0439: "y", 0x043A: "k", 0x043B: "l", 0x043C: "m", 0x043D: "n", 0x043E: "o", 0x043F: "p",
    0x0440: "r", 0x0441: "s", 0x0442: "t", 0x0443: "u", 0x0444: "f", 0x0445: "kh", 0x0446: "ts", 0x0447: "ch",
    0x0448: "sh", 0x0449: "shch", 0x044A: "", 0x044B: "y", 0x044C: "", 0x044D: "e", 0x044E: "yu", 0x044F: "ya",
    0x0451: "yo", 0x0454: "ye", 0x0456: "i", 0x0457: "yi", 0x0491: "g",
}
# fmt: on
_SKELETON = (
    # Digraphs that transliterations write one way or another, then doubled letters and a silent end.
    (re.compile(r"ph"), "f"),
    (re.compile(r"ow"), "ou"),
    (re.compile(r"qu|q|kh|ck"), lambda found: "ku" if found[0] == "qu" else "k"),
    (re.compile(r"([bdgt])h"), r"\1"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"c(?!h)"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"w"), "v"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"h$"), ""),
)
_VOWELS = re.compile(r"(?<!^)[aeiouy]+|^[aeiou][aeiouy]*|^y(?![aeiou])")
_STREET_WORDS = {"st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "cl": "close", "ln": "lane"} | {
    "dr": "drive", "ct": "court", "gdns": "gardens", "pl": "place", "cres": "crescent", "tce": "terrace", "sq": "square"
}  # fmt: skip
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+[a-z]?\b")


def fold(text: str) -> str:
    """A name in small Latin letters alone: ``O'Brien-Łukasz`` is ``obrienlukasz``."""
    return _NOT_LETTERS.sub("", _plain(text))


def parts(text: str) -> tuple[str, ...]:
    """The parts of a name between its hyphens and spaces, each folded, without those of one letter."""
    folded = (fold(part) for part in re.split(r"[\s\-/]+", text))
    return tuple(dict.fromkeys(part for part in folded if len(part) > 1))


def skeleton(folded: str) -> str:
    """What the transliterations of one name share: its consonants and the class of its first vowel.

    ``mohammed`` and ``muhammad`` are ``muhmd``, ``mahmood`` is ``mahmd``.
    """
    text = folded
    for pattern, by in _SKELETON:
        text = pattern.sub(by, text)
    first = True

    def vowel(found: re.Match[str]) -> str:
        nonlocal first
        if not first:
            return ""
        first = False
        group = found[0]
        if "o" in group or "u" in group:
            return "u"
        return "a" if set(group) == {"a"} else "i"

    return _VOWELS.sub(vowel, text)


def postcode(text: str) -> str:
    """A postcode in capitals, without spaces."""
    return "".join(_WORD.findall(text.upper()))


def sector(code: str) -> str:
    """A postcode's sector, such as ``EN15`` of ``EN15AB``; nothing where it is too short to have one."""
    return code[:-2] if len(code) >= 5 else ""


def district(code: str) -> str:
    """A postcode's district, such as ``EN1`` of ``EN15AB``."""
    return code[:-3] if len(code) >= 5 else ""


def door(line: str) -> tuple[str, str]:
    """A line of an address as its number and its street: ``Flat 2, 14 High St`` is ``("2 14", "flathighstreet")``."""
    words = _WORD.findall(_plain(line))
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    street = [_STREET_WORDS.get(word, word) for word in words if not _NUMBER.fullmatch(word)]
    return " ".join(numbers), "".join(street)


def _plain(text: str) -> str:
    if text.isascii():
        return text.casefold()
    spelt = unicodedata.normalize("NFKD", text.casefold().translate(_OTHER_LETTERS).translate(_CYRILLIC))
    return "".join(letter for letter in spelt if not unicodedata.combining(letter))
