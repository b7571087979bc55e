"""Texts that say dates or numbers in ways pandas does not read: how to write them so that it does.

Months in other languages and ordinals (``5. März 2021``, ``March 5th, 2021``), numbers with
scales, bounds, notes or other minus signs (``1.2K``, ``3M``, ``<5``, ``5*``, ``5-``), durations
in words (``6h 49m``) and ranges (``37-46``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ENGLISH = "January February March April May June July August September October November December"
_MONTHS = """
januar jan jänner january janvier janv enero ene gennaio gen januari janeiro
februar feb february februari février févr fév febrero febbraio fevereiro fev
märz mär mrz march mar mars marzo maart mrt março
april apr avril avr abril abr aprile
mai may mayo maggio mag mei maio
juni jun june juin junio giugno giu junho
juli jul july juillet juil julio luglio lug julho
august aug août agosto ago augustus
september sep sept septembre septiembre settembre set setembro
oktober okt october oct octobre octubre ottobre ott outubro out
november nov novembre noviembre novembro
dezember dez december dec décembre déc diciembre dic dicembre dezembro
"""
_MONTH_OF = {
    word: english
    for english, line in zip(_ENGLISH.split(), _MONTHS.split("\n")[1:-1], strict=True)
    for word in line.split()
}
_WORD = re.compile(r"[^\W\d_]{3,}\.?")
_ORDINAL = {r"(?i)(\d)(?:st|nd|rd|th|er|º|ª)\b": r"\1"}
_SCALES = {
    r"(?i)(\d)\s?k$": r"\1e3",
    r"(?i)(\d)\s?(?:m|mn|mio\.?|million)$": r"\1e6",
    r"(?i)(\d)\s?(?:b|bn|mrd\.?|billion)$": r"\1e9",
}
_BOUNDS = {r"^\s*(?:[<>]=?|[~≈≤≥])\s*": "", r"(\d)\s*\+$": r"\1"}
_SIGNS = {
    r"^\s*[−–—]\s*(?=[\d.])": "-",
    r"^\s*(\d[\d.,]*)\s?[-−]$": r"-\1",
    r"(\d)\s*[*†‡]+$": r"\1",
}
_RANGE = r"(\d+(?:\.\d+)?)\s*(?:-|–|—|to|bis)\s*(\d+(?:\.\d+)?)"
_SPAN = re.compile(
    r"(?:\d+(?:\.\d+)?\s?(?:d|days?|h|hours?|hrs?|m|mins?|minutes?|s|secs?|seconds?)"
    r"(?:,? |$|(?=\d)))+"
)


def other_spellings(texts: Sequence[str]) -> Iterator[dict[str, str]]:
    r"""Yield replacements, as ``Series.replace(..., regex=True)`` takes them, that may be of use.

    Examples
    --------
    >>> list(other_spellings(["5. März 2021", "17. Mai 2020"]))[0]
    {'\\bMärz\\b': 'March', '\\bMai\\b': 'May'}
    >>> list(other_spellings(["1.2K", "3.4M"]))[0]
    {'(?i)(\\d)\\s?k$': '\\1e3', '(?i)(\\d)\\s?(?:m|mn|mio\\.?|million)$': '\\1e6'}
    """
    words = dict.fromkeys(word for text in texts for word in _WORD.findall(text))
    found = {word: _MONTH_OF.get(word.lower().rstrip(".")) for word in words}
    months = {
        rf"\b{re.escape(word)}" + r"\b" * (word[-1] != "."): month
        for word, month in found.items()
        if month and month != word
    }
    words_between = {r"\s(?:de|of)\s": " "}
    dates = ({**months}, {**_ORDINAL, **words_between, **months})
    for pairs in (*dates, _SCALES, _BOUNDS, _SIGNS):
        used = {
            pattern: new
            for pattern, new in pairs.items()
            if any(re.search(pattern, text) for text in texts)
        }
        if used and (pairs is not _SCALES or len(used) > 1 or _some_plain(texts, used)):
            yield used


def _some_plain(texts, used):
    """Whether some texts have a scale and others have none."""
    return any(not re.search(pattern, text) for text in texts for pattern in used)


def respelt(texts: Sequence[str], pairs: dict[str, str]) -> list[str]:
    """Return texts after replacements.

    Examples
    --------
    >>> respelt(["<5", "17"], {"^<": ""})
    ['5', '17']
    """
    for pattern, new in pairs.items():
        texts = [re.sub(pattern, new, text) for text in texts]
    return list(texts)


def range_pattern(texts: Sequence[str]) -> str | None:
    """Return the pattern of both ends where all texts are ranges of numbers, else None.

    Examples
    --------
    >>> range_pattern(["37-46", "5 to 9"]) is None, range_pattern(["3-1"])
    (False, None)
    """
    found = [re.fullmatch(_RANGE, text.strip()) for text in texts]
    if not found or not all(match and float(match[1]) < float(match[2]) for match in found):
        return None
    return _RANGE


def are_spans(texts: Sequence[str]) -> bool:
    """Whether all texts are durations in several units, as pandas reads them.

    Examples
    --------
    >>> are_spans(["6h 49m", "12 min"]), are_spans(["12 m", "7 m"])
    (True, False)
    """
    found = [_SPAN.fullmatch(text.strip()) for text in texts]
    several = any(len(re.findall(r"\d\s?[a-z]", text)) > 1 for text in texts)
    return bool(found) and all(found) and several
