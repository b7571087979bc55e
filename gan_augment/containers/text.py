"""What cells of text hold besides words: dates in the layouts people write, numbers with marks.

A file or a table says it all in text, so a date may be one as `17.08.2018`, and a number one as
`$1,234.50` or, in all cells but six, as `130`. Nothing is decided here by a single cell: a form
has to fit nearly all distinct texts, and those it does not fit are returned by name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: So many distinct texts are looked at to find a form, which all of them then have to fit.
FIRST = 64
#: Share of the distinct texts that a form has to fit.
NEARLY_ALL = 0.95
#: Distinct texts from which on times of the day and months are dates.
MANY_SHORT = 20
#: Years of a date that is written without marks, as 20180817.
YEARS = (1800, 2200)

_DATES = (
    "%Y-%m-%d %Y/%m/%d %Y.%m.%d %d.%m.%Y %d/%m/%Y %m/%d/%Y %d-%m-%Y %m-%d-%Y "
    "%d-%b-%Y %d-%b-%y %d/%b/%Y %Y-%b-%d %Y%m%d %d.%m.%y %d/%m/%y %m/%d/%y %d-%m-%y"
).split()
_DATES += ["%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%d. %B %Y"]
_DATES += ["%a, %d %b %Y", "%A, %B %d, %Y", "%a %b %d %Y", "%d%b%Y", "%A, %d %B %Y"]
_DATES += ["%A %d %B %Y", "%a %d %b %Y", "%d %b, %Y", "%d %B, %Y", "%d/%B/%Y", "%d-%B-%Y"]
# Times of the day and months, which many texts have to say: 4:30 may be a score.
_SHORT = ["%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%H:%M:%S.%f"]
_SHORT += ["%Y-%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%y"]
_TIMES = ["%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p"]
_BETWEEN = ["", " ", "T", ", "]
_MONTHS = "January February March April May June July August September October November December"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"


def _names(words, length=None):
    return "(?i:" + "|".join(word[:length] for word in words.split()) + ")"


_PARTS = {
    **{"%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%m": "(?:0?[1-9]|1[0-2])", "%p": "(?i:[ap]m)"},
    **{"%d": "(?:0?[1-9]|[12][0-9]|3[01])", "%H": "(?:[01]?[0-9]|2[0-3])", "%M": "[0-5][0-9]"},
    **{"%I": "(?:0?[1-9]|1[0-2])", "%S": "[0-5][0-9]", "%f": "[0-9]{1,6}"},
    **{"%b": _names(_MONTHS, 3), "%B": _names(_MONTHS), "%a": _names(_DAYS, 3)},
    **{"%A": _names(_DAYS)},
}
_TIME = r"(?:(?: |T|, )[0-9]{1,2}:[0-9]{2}.*)?"

#: Marks that say that a cell has no number or date, where all others have one.
MARKS = frozenset(
    "? ?? - -- --- – — . .. * ** # #N/A #VALUE! #DIV/0! #REF! NA N/A n/a na NaN nan null NULL "
    "None none nil missing Missing unknown Unknown UNKNOWN x X ND nd".split()
) | {""}
#: Words for a row that sums up the others.
TOTAL = re.compile(r"(?i)\s*(grand |sub-?|sum )?(total|sum|summe|gesamt|overall)s?\W*")


# Dates ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DateForm:
    """How dates are written: the layouts that fit all of them, and the texts that are no dates.

    There are several where nothing tells the day from the month, none where they are mixed; then
    `day_first` says whether the day stands before the month.
    """

    layouts: tuple[str, ...]
    odd: tuple[str, ...] = ()
    day_first: bool = False


def date_form(texts: Iterable) -> DateForm | None:
    """Return how distinct texts spell dates, None where they do not.

    Examples
    --------
    >>> date_form(["17.08.2018", "01.09.2018", "?"] + [f"0{i}.03.2019" for i in range(1, 10)] * 3)
    DateForm(layouts=('%d.%m.%Y',), odd=('?',), day_first=False)
    >>> date_form(["01/02/2018", "03/04/2018"]).layouts
    ('%d/%m/%Y', '%m/%d/%Y')
    """
    texts = [text.strip() for text in dict.fromkeys(texts) if isinstance(text, str)]
    first = _spread(texts)
    if not first or not _mostly(any(sign.isdigit() for sign in text) for text in first):
        return None
    found = []
    for layout in _DATES + _SHORT if len(texts) >= MANY_SHORT else _DATES:
        if _mostly(map(_pattern(layout, _TIME).fullmatch, first)):
            found += _with_times(layout, first)
    fitting = [(_odd_dates(texts, layout), layout) for layout in found]
    fitting = [(odd, layout) for odd, layout in fitting if len(odd) <= _most_odd(texts)]
    if fitting:
        fewest = min(len(odd) for odd, _ in fitting)
        layouts = tuple(layout for odd, layout in fitting if len(odd) == fewest)
        return DateForm(layouts, tuple(next(odd for odd, _ in fitting if len(odd) == fewest)))
    marked = [layout for layout in _DATES if layout != "%Y%m%d"]
    if len(first) > 1 and _mostly(
        any(_pattern(layout, _TIME).fullmatch(text) for layout in marked) for text in first
    ):
        return DateForm((), day_first=_is_day_first(texts))
    return None


def _is_day_first(texts):
    """Whether more texts can only be dates with the day before the month than after it."""
    orders = [
        [_pattern(layout, _TIME) for layout in _DATES if layout[:2] == first and "b" not in layout]
        for first in ("%d", "%m")
    ]
    fits = [[any(p.fullmatch(text) for p in patterns) for text in texts] for patterns in orders]
    return sum(fits[0]) > sum(fits[1])


def _spread(texts):
    """Some of the texts, from the first to the last."""
    step = max(1, len(texts) // FIRST)
    return texts[::step][:FIRST]


def _mostly(answers):
    answers = [bool(answer) for answer in answers]
    return len(answers) - sum(answers) <= max(1, (1 - NEARLY_ALL) * len(answers)) and any(answers)


def _most_odd(texts):
    return 0 if len(texts) < 10 else max(1, (1 - NEARLY_ALL) * len(texts))


@functools.cache
def _pattern(layout, after=""):
    signs = re.split(r"(%[A-Za-z])", layout)
    return re.compile("".join(_PARTS.get(sign, re.escape(sign)) for sign in signs) + after)


def _with_times(date, texts):
    """The layouts of date and time that fit texts which begin with this date."""
    if _mostly(map(_pattern(date).fullmatch, texts)):
        return [date]
    for between in _BETWEEN[1:]:
        for time in _TIMES:
            for zone in ("", "%z", " %z", "Z"):
                layout = date + between + time
                after = {"": "", "Z": "Z"}.get(zone, r" ?[+-][0-9]{2}:?[0-9]{2}")
                if _mostly(map(_pattern(layout, after).fullmatch, texts)):
                    return [layout + zone]
    return []


def _odd_dates(texts, layout):
    """The texts that are no dates of this layout."""
    column = pd.Series(texts, dtype=object)
    try:
        read = pd.to_datetime(column, format=layout, errors="coerce", utc="%z" in layout)
    except ValueError:
        return texts
    wrong = read.isna()
    if "%Y%m%d" in layout:
        wrong |= ~read.dt.year.between(*YEARS)
    return column[wrong].tolist()


_DURATION = re.compile(r"-?[0-9]+ days?(?:,? [+-]?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?)?")


def are_durations(texts: Iterable) -> bool:
    """Whether all distinct texts are durations, as pandas writes them.

    Examples
    --------
    >>> are_durations(["0 days 00:06:15", "2 days"]), are_durations(["6:15"])
    (True, False)
    """
    texts = [text.strip() for text in texts if isinstance(text, str)]
    return bool(texts) and all(map(_DURATION.fullmatch, texts))


def write_date(moment: pd.Timestamp, layout: str, padded: bool = True) -> str:
    """Return a date in this layout, its parts with leading zeros or without.

    Examples
    --------
    >>> write_date(pd.Timestamp("2018-08-07 09:05"), "%d.%m.%Y %H:%M")
    '07.08.2018 09:05'
    >>> write_date(pd.Timestamp("2018-08-07"), "%m/%d/%Y", padded=False)
    '8/7/2018'
    """
    shown = moment.strftime(layout)
    if padded:
        return shown
    for part in ("%d", "%m", "%I", "%H"):
        layout = layout.replace(part, str(int(moment.strftime(part))))
    return moment.strftime(layout)


# Numbers ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NumberForm:
    """How numbers are written, and the texts that are none.

    `before` and `after` are what stands around all of them, `thousands` and `point` their marks;
    `brackets` tells whether these make them negative.
    """

    before: str = ""
    after: str = ""
    thousands: str = ""
    point: str = "."
    brackets: bool = False
    odd: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the numbers are written as Python writes them."""
        return not (self.before or self.after or self.thousands or self.brackets) and (
            self.point == "."
        )

    def plain(self, text: str) -> str:
        """Return the number that a text says as Python writes it."""
        body, sign = text.strip(), ""
        if self.brackets and body.startswith("(") and body.endswith(")"):
            body, sign = body[1:-1], "-"
        if body.startswith("-") and self.before:
            body, sign = body[1:].strip(), "-"
        body = body.removeprefix(self.before.strip()).removesuffix(self.after.strip()).strip()
        if self.thousands:
            body = body.replace(self.thousands, "")
        return sign + body.replace(self.point, ".")

    def read(self, text: str) -> float:
        """Return the number that a text says, or raise ValueError."""
        return float(self.plain(text))

    def write(self, plain: str) -> str:
        """Return a number that Python wrote as the column writes it.

        Examples
        --------
        >>> NumberForm(before="$", thousands=",").write("-1234.50")
        '-$1,234.50'
        """
        sign, body = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
        whole, point, rest = body.partition(".")
        if self.thousands and whole.isdigit():
            whole = f"{int(whole):,}".replace(",", self.thousands)
        body = self.before + whole + point.replace(".", self.point) + rest + self.after
        return f"({body})" if sign and self.brackets else sign + body


_AROUND = re.compile(
    r"(?P<open>\()?(?P<sign>-)?(?P<before>(?:[$€£¥₹₽₩]|[A-Z]{1,2}\$|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|"
    r"SEK|NOK|DKK|PLN|CZK|BRL|ZAR|MXN))\s?)?"
    r"(?P<body>[+-]?[0-9.](?:[0-9.,'’\u00a0\u202f ]*[0-9.])?(?:[eE][+-]?[0-9]+)?)"
    r"(?P<after>\s?(?:[%‰$€£¥₹₽₩]|[A-Za-z°µ²³/]{1,9}))?(?P<close>\))?"
)
_GROUPS = "(?:[0-9]+|[0-9]{{1,3}}(?:{0}[0-9]{{3}})+)"
_SPACES = "\u00a0\u202f"
# Marks of thousands and the sign before decimals, those that are tried first first.
_MARKS = [
    ("", "."),
    (",", "."),
    ("", ","),
    (".", ","),
    (" ", "."),
    (" ", ","),
    ("'", "."),
    ("’", "."),
]
_MARKS += [(space, point) for space in _SPACES for point in ",."]


def _form_pattern(thousands, point):
    groups = _GROUPS.format(re.escape(thousands)) if thousands else "[0-9]*"
    scale = r"(?:[eE][+-]?[0-9]+)?" if (thousands, point) == ("", ".") else ""
    return re.compile(rf"[+-]?(?:{groups}(?:{re.escape(point)}[0-9]*)?){scale}")


_FORMS = [(*marks, _form_pattern(*marks)) for marks in _MARKS]
_CODE = re.compile(r"[+-]?(?:0[0-9]+|[0-9]{16,})")


def number_form(texts: Iterable) -> NumberForm | None:
    """Return how distinct texts spell numbers, None where they do not.

    Whole numbers with leading zeros, or of more than 15 digits, are codes, which are words.

    Examples
    --------
    >>> number_form(["$1,234.50", "$7", "$1,000,000"])
    NumberForm(before='$', after='', thousands=',', point='.', brackets=False, odd=())
    >>> number_form([str(i) for i in range(30)] + ["?"]).odd
    ('?',)
    >>> number_form(["007", "118"]), number_form(["red", "blue"])
    (None, None)
    """
    texts = [text.strip() for text in dict.fromkeys(texts) if isinstance(text, str)]
    first = _spread(texts)
    if not first or not _mostly(map(_AROUND.fullmatch, first)):
        return None
    matches = [(text, _AROUND.fullmatch(text)) for text in texts]
    found = [match for _, match in matches if match]
    if any(_CODE.fullmatch(match["body"].strip()) for match in found):
        return None
    around = {(match["before"] or "", (match["after"] or "").strip()) for match in found}
    befores, afters = ({part.strip() for part in side} for side in zip(*around, strict=True))
    if max(len(befores), len(afters)) > 1:
        return None
    brackets = any(match["open"] and match["close"] for match in found)
    tried = ((_odd_numbers(matches, pattern), *marks) for *marks, pattern in _FORMS)
    odd, thousands, point = min(tried, key=lambda form: len(form[0]))
    if len(odd) > _most_odd(texts):
        return None
    before, after = (max((m[side] or "" for m in found), key=len) for side in ("before", "after"))
    return NumberForm(before, after, thousands, point, brackets, odd)


def _odd_numbers(matches, pattern):
    """The texts that are no numbers of this form."""
    return tuple(
        text
        for text, match in matches
        if not match
        or not pattern.fullmatch(match["body"])
        or bool(match["open"]) != bool(match["close"])
        or not any(sign.isdigit() for sign in match["body"])
    )


def total_row(frame: pd.DataFrame) -> tuple[str, int] | None:
    """Return the column and the position of a row that sums up all others, None without one.

    Such a row says so in a cell of text, and is the sum of the others in a column of numbers.

    Examples
    --------
    >>> total_row(pd.DataFrame({"region": ["north", "south", "Total"], "sold": [3, 4, 7]}))
    ('region', 2)
    """
    numbers = frame.iloc[:0].select_dtypes("number").columns
    if not len(numbers) or len(frame) < 3:
        return None
    for name in frame.columns.difference(numbers, sort=False):
        for row in _total_cells(frame[name])[:3]:
            values = frame[numbers].to_numpy(dtype=np.float64, na_value=np.nan)
            one, rest = values[row], np.delete(values, row, axis=0)
            sums = np.nansum(rest, axis=0)
            same = np.isclose(one, sums, rtol=1e-6) & (one != 0) & (np.nanstd(rest, axis=0) > 0)
            if same.any():
                return name, int(row)
    return None


def _total_cells(series: pd.Series) -> np.ndarray:
    """Return the positions of cells of text that announce a total."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        says = [isinstance(k, str) and bool(TOTAL.fullmatch(k)) for k in series.cat.categories]
        return np.flatnonzero(np.array([*says, False])[series.cat.codes])  # -1 where missing
    if series.dtype.kind in "bmM":
        return np.zeros(0, dtype=np.int64)
    cells = series.to_numpy(dtype=object)
    totals = {c for c in {c for c in cells if isinstance(c, str)} if TOTAL.fullmatch(c)}
    says = [isinstance(c, str) and c in totals for c in cells] if totals else []
    return np.flatnonzero(np.array(says, dtype=bool))


def quoted(texts: Sequence[str], most: int = 3) -> str:
    """Return texts in quotes, a few of them.

    Examples
    --------
    >>> quoted(["?", "-"]), quoted(list("abcde"))
    ("'?', '-'", "'a', 'b', 'c', ...")
    """
    return ", ".join(f"{text!r:.40}" for text in texts[:most]) + ", ..." * (len(texts) > most)
