"""Columns of text that hide what they are: dates, durations, numbers with marks or odd cells.

Learnt as categories, dates and numbers would be unrelated words, each new cell a real one. What
they are is known from their texts, so they are refused with the code that converts them.
"""

from gan_augment.containers.respelt import are_spans, other_spellings, range_pattern, respelt
from gan_augment.containers.text import (
    DateForm,
    are_durations,
    date_form,
    number_form,
    quoted,
    total_row,
)
from gan_augment.encoding.column import MAX_CATEGORIES
from gan_augment.encoding.identifiers import MANY_DATES, is_identifier_text
from gan_augment.exceptions import Conversion, InputError

#: Texts of numbers are refused from so many distinct ones on, if marks or odd cells are among
#: them, and if they have decimals or a unit. Whole ones may be codes, and are categories where
#: these are not too many.
WITH_MARKS, WITH_DECIMALS = 10, 20
#: So many texts are written otherwise at first.
SOME = 64


def disguise_error(name, found, rows, count=None, numbers=True):
    """Return the refusal of distinct texts that are dates or `numbers`, None of others.

    `count` says in how many cells some texts are.

    Examples
    --------
    >>> str(disguise_error("hp", [*map(str, range(60, 130)), "?"], 398, lambda odd: 6))[:68]
    "Column 'hp' has '?' in 6 of 398 cells, and numbers in all others: co"
    >>> disguise_error("colour", ["red", "green", "blue"], 90)
    """
    many = len(found) >= MANY_DATES or is_identifier_text(len(found), rows)
    if len(found) < WITH_MARKS and not many:
        return None
    words = [text for text in found if isinstance(text, str)]
    if are_durations(found) or are_spans(words):
        return _durations_error(name, found)
    dates = date_form(found) if many else None
    if dates is not None:
        return _dates_error(name, found, dates, rows, count)
    form = number_form(found) if numbers else None
    if form is not None and len(found) >= _fewest(found, form):
        return _numbers_error(name, found, form, rows, count)
    return _respelt_error(name, words, rows, many, numbers) if len(words) == len(found) else None


def _respelt_error(name, found, rows, many, numbers):
    """The refusal of texts that are dates, numbers or ranges once they are written otherwise."""
    some = found[:: max(1, len(found) // SOME)][:SOME]
    if not all(any(sign.isdigit() for sign in text) for text in some):
        return None
    pattern = range_pattern(found) if numbers and len(found) >= WITH_DECIMALS else None
    if pattern is not None:
        ends = [f"{name} from", f"{name} to"]
        code = f"X[{ends!r}] = X.pop({name!r}).str.extract({pattern!r}).astype(float)"
        return _as_numbers(name, f"holds ranges, e.g. {found[0]!r:.60}", Conversion(code), found)
    if _other_form(some, many, numbers) is None:
        return None
    form, pairs = _other_form(found, many, numbers) or (None, {})
    if isinstance(form, DateForm):
        return _dates_error(name, found, form, rows, None, pairs)
    return form and _numbers_error(name, found, form, rows, None, pairs)


def _other_form(texts, many, numbers):
    """How texts spell dates or numbers after replacements, and these; None if they do not."""
    for pairs in other_spellings(texts):
        changed = respelt(texts, pairs)
        dates = date_form(changed) if many else None
        if dates is not None and dates.layouts and not dates.odd:
            return dates, pairs
        form = number_form(changed) if numbers else None
        if form is not None and not form.odd:
            return form, pairs
    return None


def _source(name, pairs):
    """Code of a column, after replacements."""
    return f"X[{name!r}]" + (f".replace({pairs!r}, regex=True)" if pairs else "")


def _fewest(found, numbers):
    """From how many distinct texts on numbers of this form are refused."""
    unit = numbers.after.strip()
    if numbers.odd or (not numbers.is_plain and not unit.isalpha()):
        return WITH_MARKS
    whole = all(text.strip().lstrip("+-").isdigit() for text in found)
    return MAX_CATEGORIES + 1 if whole else WITH_DECIMALS


def _dates_error(name, found, dates, rows, count, pairs=None):
    column = f"X[{name!r}]"
    coerced = ", errors='coerce'" if dates.odd else ""
    if any("%z" in layout for layout in dates.layouts) and _have_several_offsets(found):
        coerced += ", utc=True"
    calls = [
        f"{column} = pd.to_datetime({_source(name, pairs)}, format={layout!r}{coerced})"
        for layout in dates.layouts or ["mixed"]
    ]
    if dates.day_first:  # pandas 3 would take 2020-01-03 for the first of March
        calls = [
            f"{column} = {column}.map(lambda cell: pd.to_datetime(cell, dayfirst=not "
            "str(cell)[:4].isdigit()))"
        ]
    options = {"--missing": list(dates.odd)} if dates.odd else {}
    if len(dates.layouts) > 1:
        options = {"--dates": [f"{name}={dates.layouts[0]}"], **options}
    why = f"holds dates as text, e.g. {found[0]!r:.60}"
    if dates.odd:
        why += f", but {_occurrence(dates.odd, count, rows)}"
    elif not dates.layouts:
        why += ", in several layouts"
    elif len(dates.layouts) > 1:
        why += ", and nothing tells the day from the month"
    settings = [("conversion", Conversion(calls[0], options))]
    remedy = "{}"
    if len(calls) > 1:
        second = {**options, "--dates": [f"{name}={dates.layouts[1]}"]}
        settings.append(("conversion", Conversion(calls[1], second)))
        remedy = "{}, or {}"
    settings.append(("columns", {name: "ignore"}))
    return InputError(
        why,
        column=name,
        remedy=remedy + ", or pass {} (missing in synthetic rows)",
        settings=tuple(settings),
    )


def _have_several_offsets(texts):
    """Whether not all texts end alike, as times of summer and winter with their offsets."""
    return len({text.strip()[-5:] for text in texts if isinstance(text, str)}) > 1


def _durations_error(name, found):
    column = f"X[{name!r}]"
    return InputError(
        f"holds durations as text, e.g. {found[0]!r:.60}",
        column=name,
        remedy="{}, or pass {} (missing in synthetic rows)",
        settings=(
            ("conversion", Conversion(f"{column} = pd.to_timedelta({column})")),
            ("columns", {name: "ignore"}),
        ),
    )


def _numbers_error(name, found, numbers, rows, count, pairs=None):
    column = f"X[{name!r}]"
    signs = {numbers.before.strip(), numbers.after.strip(), numbers.thousands} - {""}
    text = _source(name, pairs)
    if numbers.brackets:
        text += r".str.replace(r'^\((.*)\)$', r'-\1', regex=True)"
    for sign in sorted(signs):
        text += f".str.replace({sign!r}, '')"
    if numbers.point != ".":
        text += f".str.replace({numbers.point!r}, '.')"
    coerced = ", errors='coerce'" if numbers.odd else ""
    code = Conversion(
        f"{column} = pd.to_numeric({text}{coerced})",
        {"--missing": list(numbers.odd)} if numbers.odd else {},
    )
    if numbers.odd:
        why = f"has {_occurrence(numbers.odd, count, rows)}, and numbers in all others"
    else:
        why = f"holds numbers as text, e.g. {found[0]!r:.60}"
    return _as_numbers(name, why, code, found)


def _as_numbers(name, why, code, found):
    few = len(found) <= MAX_CATEGORIES
    kinds = ["ignore"] + ["category"] * few
    return InputError(
        why,
        column=name,
        remedy="{}, or pass {} (missing in new rows)" + " or {} (learn these texts)" * few,
        settings=(("conversion", code), *(("columns", {name: kind}) for kind in kinds)),
    )


def _occurrence(odd, count, rows):
    places = "some" if count is None else f"{count(odd):,}"
    return f"{quoted(odd)} in {places} of {rows:,} cells"


def check_total_row(frame):
    """Refuse a row that sums up all others: it is none of them."""
    found = total_row(frame)
    if found is not None:
        name, row = found
        raise InputError(
            f"says {frame[name].iloc[row]!r:.60}, and that row is the sum of the others",
            column=name,
            row=row,
            value=frame[name].iloc[row],
            remedy="remove this row",
        )
