"""Equations that numbers meet up to their rounding: a column that others give, with any factors.

Looked for are powers, as a body-mass index; sums with factors, as degrees of two scales; a number
times a sum, as a price with its discount; and what lies between two dates, as a number of days.
"""

from __future__ import annotations

import functools
import itertools
import keyword
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from gan_augment.encoding.relations.evidence import KEPT, MOST_EXCEPTIONS
from gan_augment.encoding.relations.scale import per_second, rounding_slack

#: Rows in which equations are looked for, the fewest there must be, and columns at most.
SEARCH_ROWS, LEAST_ROWS, MOST_COLUMNS = 2000, 20, 40
#: Rows of a sample that shall hold no exception, and samples.
FEW_ROWS, SAMPLES = 30, 4
#: Powers of one column, of each of two, and of each of three; columns beyond which no three are
#: tried.
POWERS = ((1, 2, 3, -1), (1, -1, 2, -2), (1, -1))
MOST_FOR_THREE = 16
#: Terms of a sum, and rows of which its factors are computed.
MOST_TERMS, FACTOR_ROWS = 4, 400
#: Of how far a number may be from its place, what is as good as all: it may be rounded to either.
NEAR_MIDDLE, LEAST_MIDDLE = 0.995, 20
#: Share of rows in which a factor must be other than 0, and columns that are seldom missing.
LEAST_NONZERO, MOST_MISSING = 0.5, 0.3
#: Values of a column that equations give in most rows, but not in nearly all.
FEW_LEVELS = 12
#: What is left over may vary so many times as much as rounding explains.
MOST_LEFT = 4.0
#: Least correlation of a ratio with what may be its discount.
LEAST_ALIKE = 0.3
#: Seconds of a minute, an hour, a day and a week: units of what lies between dates.
UNITS = (1, 60, 3600, 86_400, 604_800)
MOST_DATES, MOST_LETTERS = 6, 120


@dataclass(frozen=True, eq=False)
class Term:
    """A column, or the seconds between two dates, as a formula spells it; NaN where missing."""

    text: str
    names: tuple
    values: np.ndarray


def equations(rows, restored):
    """Yield columns and formulas that give them in the rows looked at: ``(name, text)``.

    The clearest come first; all of them are to be verified. Where rows may break what is looked
    for, a few rows are looked at several times, of which some samples hold none of these.
    """
    if rows.limits is KEPT:
        yield from _equations(
            rows, restored, np.arange(0, len(rows), max(len(rows) // SEARCH_ROWS, 1))
        )
    elif len(rows) > FEW_ROWS:
        rng = np.random.default_rng(0)
        for _ in range(SAMPLES):
            yield from _equations(rows, restored, np.sort(rng.permutation(len(rows))[:FEW_ROWS]))


def _equations(rows, restored, some):
    numbers = [n for n in rows.of_kind("integer", "number") if spelled_name(n)]
    terms = [t for t in (_term(rows, name, some) for name in numbers) if t is not None]
    terms = terms[:MOST_COLUMNS]
    # a rule of a code, which others give up to its rounding, is no rule if rows break it
    least = 2 if rows.limits is KEPT else FEW_LEVELS
    targets = [t for t in terms if t.names[0] not in restored]
    targets = [t for t in targets if rows.n_levels(t.names[0]) > least]
    yield from _between_dates(rows, targets, restored, some)
    if len(terms) < 2 or len(some) < LEAST_ROWS:
        return
    slacks = {t.names[0]: _slack(rows, t) for t in targets}
    for search in (_powers, _sums, _scaled):
        yield from search(terms, targets, slacks)


def spelled_name(name):
    """Return a column's name as a formula spells it, None where it cannot.

    Examples
    --------
    >>> spelled_name("fare"), spelled_name("the tip"), spelled_name(3)
    ('fare', '`the tip`', '`3`')
    """
    text = str(name)
    is_word = text.isascii() and text.isidentifier() and not keyword.iskeyword(text)
    if isinstance(name, str) and is_word and len(text) <= MOST_LETTERS:
        return text
    is_long = len(text) > MOST_LETTERS
    return None if "`" in text or not text.strip() or is_long else f"`{text}`"


def _term(rows, name, some):
    """A column of finite numbers that is seldom missing."""
    values, missing = (part[some] for part in rows.numbers(name))
    if missing.mean() > MOST_MISSING or np.abs(values).max(initial=0) > 1e100:
        return None
    return Term(spelled_name(name), (name,), np.where(missing, np.nan, values.astype(float)))


def _slack(rows, term):
    """How far a cell may be from what gives it, as it was rounded."""
    return rounding_slack(rows.columns[term.names[0]], term.values)


# Dates -------------------------------------------------------------------------------------------


def _between_dates(rows, targets, restored, some):
    """What lies between two dates, in seconds, days and so on, whole ones or not."""
    dates = [n for n in rows.of_kind("datetime") if spelled_name(n)][:MOST_DATES]
    if not dates:
        return
    spans = [n for n in rows.of_kind("timedelta") if n not in restored and spelled_name(n)]
    seconds = {name: seconds_of(rows.columns[name], rows.frame[name].iloc[some]) for name in dates}
    for low, high in itertools.permutations(dates, 2):
        (start, no_start), (end, no_end) = seconds[low], seconds[high]
        gap = np.where(no_start | no_end, np.nan, end - start)
        text = f"({spelled_name(high)} - {spelled_name(low)})"
        for name in spans:
            yield name, text
        for target in targets:
            known = ~np.isnan(gap + target.values)
            if known.sum() < LEAST_ROWS or gap[known].std() == 0:
                continue
            for unit in UNITS:
                slack = _slack(rows, target)[known]
                if _share(gap[known] / unit, target.values[known], slack):
                    yield target.names[0], f"{text} / {unit}" if unit > 1 else text
                elif _share(gap[known] // unit, target.values[known], slack):
                    yield target.names[0], f"{text} // {unit}"
    for (name, cells), target in itertools.product(seconds.items(), targets):
        yield from _from_a_day(spelled_name(name), *cells, target, _slack(rows, target))


def _from_a_day(name, date, missing, target, slack):
    """What lies between a date and a day that all rows share, as seconds since 1970."""
    known = ~missing & ~np.isnan(target.values)
    if known.sum() < LEAST_ROWS or date[known].std() == 0:
        return
    date, own, slack = date[known], target.values[known], slack[known]
    for unit, sign in itertools.product(UNITS, (1, -1)):
        part = f"{name} / {unit}" if unit > 1 else name
        left = own - sign * date / unit
        low, high = (left - slack).max(), (left + slack).min()
        is_whole = (own == np.rint(own)).all() and np.ptp(left) > slack.mean() / 2
        if low <= high and not is_whole:
            day = "" if low <= 0 <= high else simplest(low, high)
            yield target.names[0], f"{day or 0} - {part}" if sign < 0 else _plus(part, day)
            return
        left = left * unit
        low, high = left.max(), left.min() + unit
        if sign > 0:
            low, high = -high, -low
        if is_whole and low < high:
            inner = (high - low) / 100  # one end may not be reached
            day = simplest(low + inner, high - inner)
            part = f"{day} - {name}" if sign < 0 else _plus(name, _times("-1", day))
            yield target.names[0], f"({part}) // {unit}"
            return


def _plus(text, number):
    """A sum as a formula spells it."""
    if not number:
        return text
    return f"{text} - {number[1:]}" if number.startswith("-") else f"{text} + {number}"


def seconds_of(column, series):
    """Return the seconds of dates since 1970, or of durations, and where cells are missing."""
    values, missing = column.numbers(series)
    return np.where(missing, 0, values) / per_second(column), missing


def _share(made, values, slack):
    """Whether nearly all values are as made."""
    return (np.abs(made - values) > slack).mean() <= MOST_EXCEPTIONS


# Powers ------------------------------------------------------------------------------------------


def _powers(terms, targets, slacks):
    """Products of powers of one column, two or three."""
    usable = [t for t in terms if (np.nan_to_num(t.values) != 0).mean() >= LEAST_NONZERO]
    kept = np.all([np.nan_to_num(t.values) != 0 for t in usable], axis=0) if usable else None
    if kept is None or kept.sum() < LEAST_ROWS:
        return
    logs = np.column_stack([np.log(np.abs(t.values[kept])) for t in usable])
    spread = np.cov(logs, rowvar=False).reshape(len(usable), -1)
    places = {t.names[0]: i for i, t in enumerate(usable)}
    for size, powers in enumerate(POWERS, start=1):
        if size == 3 and len(usable) > MOST_FOR_THREE:
            return
        for target in targets:
            if target.names[0] in places:
                at = places[target.names[0]]
                noise = (slacks[target.names[0]][kept] / np.abs(target.values[kept])) ** 2
                most = MOST_LEFT * noise.mean() + 1e-12
                if spread[at, at] <= 4 * most:
                    continue
                for chosen, power in _matches(spread, at, size, powers, most):
                    found = _scaled_product(target, [usable[j] for j in chosen], power, slacks)
                    if found:
                        yield target.names[0], found


def _matches(spread, at, size, powers, most):
    """Columns and their powers of which the logarithms leave next to nothing of a target's."""
    others = [j for j in range(len(spread)) if j != at and spread[j, j] > 0]
    sets = np.array(list(itertools.combinations(others, size)), dtype=int).reshape(-1, size)
    found = []
    for power in itertools.product(powers, repeat=size):
        weights = np.array(power)
        left = spread[at, at] - 2 * spread[at][sets] @ weights
        inner = spread[sets[:, :, None], sets[:, None, :]]
        left = left + np.einsum("i,nij,j->n", weights, inner, weights)
        found += [(left[k], sets[k], power) for k in np.flatnonzero(left <= most)]
    return [(chosen, power) for _, chosen, power in sorted(found, key=lambda item: item[0])[:3]]


def _scaled_product(target, factors, powers, slacks):
    """The formula of a product with a factor in front, if one fits nearly all rows."""
    product = np.ones(len(target.values))
    with np.errstate(all="ignore"):
        for factor, power in zip(factors, powers, strict=True):
            product = product * factor.values**power
    known = np.isfinite(product) & ~np.isnan(target.values) & (product != 0)
    values, slack = target.values[known], slacks[target.names[0]][known]
    if not known.any():
        return None
    ends = np.sort(
        np.stack([(values - slack) / product[known], (values + slack) / product[known]]), 0
    )
    low, high = ends[0].max(), ends[1].min()
    if low > high:  # but for rare exceptions
        rare = MOST_EXCEPTIONS
        low, high = np.quantile(ends[0], 1 - rare), np.quantile(ends[1], rare)
    if low > high:
        return None
    over = [t.text for t, p in zip(factors, powers, strict=True) for _ in range(int(max(p, 0)))]
    under = [t.text for t, p in zip(factors, powers, strict=True) for _ in range(int(max(-p, 0)))]
    scale = simplest(low, high)
    head = [] if scale == "1" and over else [scale]
    return " / ".join([" * ".join([*head, *over]), *under])


def simplest(low, high):
    """Return the shortest number in a range, as a formula spells it.

    Examples
    --------
    >>> simplest(0.9, 1.1), simplest(0.3332, 0.3335), simplest(1.18999, 1.19002)
    ('1', '1 / 3', '1.19')
    """
    middle = (low + high) / 2
    size = max(abs(low), abs(high))
    for digits in range(1, 16):
        number = float(f"{middle:.{digits}g}")
        if low <= number <= high:
            for below in (3, 6, 7, 9, 11, 12, 60, 360, 3600, 86_400):
                above = round(middle * below)
                if digits > 3 and above and low <= above / below <= high and abs(above) < 1000:
                    return f"{above} / {below}"
            return _digits(number)
    return _digits(middle) if size else "0"


def _digits(number):
    text = f"{number:.15g}"
    return repr(float(text)) if "e" in text else text


# Sums --------------------------------------------------------------------------------------------


def _sums(terms, targets, slacks):
    """Sums of some columns, each with a factor, and a constant."""
    matrix = np.column_stack([term.values for term in terms])
    for target in targets:
        known = ~np.isnan(target.values)
        slack = slacks[target.names[0]]
        chosen, left = [], np.where(known, target.values - np.nanmean(target.values), np.nan)
        for _ in range(min(MOST_TERMS, len(terms) - 1)):
            like = _likeness(left, matrix)
            like[[t.names == target.names or t in chosen for t in terms]] = 0
            if not like.any():
                break
            chosen.append(terms[int(like.argmax())])
            some = known & ~np.isnan(sum(t.values for t in chosen))
            if some.sum() < LEAST_ROWS:
                break
            A = np.column_stack([*(t.values[some] for t in chosen), np.ones(some.sum())])
            weights = np.linalg.lstsq(A, target.values[some], rcond=None)[0]
            left = np.full(len(known), np.nan)
            left[some] = target.values[some] - A @ weights
            if _quantile(np.abs(left[some]), 0.99) <= 2 * slack[some].mean():
                found = _with_factors(A, target.values[some], slack[some], weights, chosen)
                if found:
                    yield target.names[0], found
                break
            if len(chosen) == 1 and left[some].std() > 0.9 * target.values[some].std():
                break


def _likeness(left, matrix):
    """How much each column explains of what is left over: the size of their correlation."""
    both = ~np.isnan(left[:, None] + matrix)
    n = np.maximum(both.sum(axis=0), 1)
    own, rest = (np.where(both, cells, 0.0) for cells in (matrix, left[:, None]))
    own, rest = (np.where(both, cells - cells.sum(axis=0) / n, 0.0) for cells in (own, rest))
    spread = np.sqrt((own**2).sum(axis=0) * (rest**2).sum(axis=0))
    usable = (n >= LEAST_ROWS) & (spread > 0) & np.isfinite(spread)
    return np.where(usable, np.abs((own * rest).sum(axis=0)) / np.where(usable, spread, 1), 0.0)


def _with_factors(A, values, slack, weights, chosen):
    """The formula of a sum whose factors keep nearly all rows inside their slack, if there is one.

    The factors are those that lie farthest inside, and then the shortest numbers near them.
    """
    near = np.abs(values - A @ weights) <= 4 * slack
    A, values, slack = A[near], values[near], slack[near]
    some = np.linspace(0, len(A) - 1, min(len(A), FACTOR_ROWS)).astype(int)
    scale = np.abs(A[some]).max(axis=0)
    unit = slack[some].mean()
    if not unit or (scale == 0).any():
        return None
    rows = A[some] / scale
    rest = (values[some] - A[some] @ weights) / unit
    limit = np.column_stack([np.concatenate([rows, -rows]), -np.ones(2 * len(some))])
    bounds = [(None, None)] * rows.shape[1] + [(0, None)]
    found = linprog([0] * rows.shape[1] + [1], limit, np.concatenate([rest, -rest]), bounds=bounds)
    if found.status != 0 or found.x[-1] > 1.05:
        return None
    weights = weights + found.x[:-1] * unit / scale
    return _short_factors(A, values, slack, weights, chosen)


def _short_factors(A, values, slack, weights, chosen):
    """The formula with each factor as short as all rows let it be."""
    guesses = list(_guesses(weights, np.abs(A).max(axis=0), slack.mean()))
    wrong = [
        _off(values - A @ np.array([_number_of(text) for text in texts]), slack)
        for texts in guesses
    ]
    best = min(range(len(guesses)), key=wrong.__getitem__)
    if wrong[best][0] <= MOST_EXCEPTIONS:
        return _sum_of(guesses[best], chosen)
    weights, texts = weights.copy(), []
    for j in [*range(A.shape[1])]:
        rest = values - A @ weights + A[:, j] * weights[j]
        used = A[:, j] != 0
        ends = np.sort(np.stack([rest - slack, rest + slack])[:, used] / A[used, j], axis=0)
        low, high = ends[0].max(), ends[1].min()
        text = simplest(low, high) if low <= high else _digits(weights[j])
        weights[j] = _number_of(text)
        texts.append(text)
    if (np.abs(values - A @ weights) > slack).mean() > MOST_EXCEPTIONS:
        return None
    return _sum_of(texts, chosen)


def _off(left, slack):
    """Share of rows that are not what a sum gives, and of those that are always rounded one way.

    Those lie in the middle of two places, as whole years of which a sum of months is off by half.
    """
    middle = (np.abs(left) > NEAR_MIDDLE * slack) & (np.abs(left) <= slack)
    sides = np.unique(np.sign(left[middle]))
    one_way = middle.sum() >= LEAST_MIDDLE and len(sides) == 1
    return (np.abs(left) > slack).mean(), middle.mean() * one_way


def _guesses(weights, sizes, slack):
    """Yield factors that are fractions with one denominator, or decimals, the shortest first."""
    small = np.abs(weights) * sizes < slack / 10
    for below in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 24):
        above = np.where(small, 0, np.rint(weights * below)).astype(int)
        if (small | (above != 0)).all() and np.abs(above).max() < 10_000:
            parts = [Fraction(int(a), below) for a in above]
            yield [f"{p.numerator} / {p.denominator}".removesuffix(" / 1") for p in parts]
    for digits in range(1, 9):
        rounded = [
            0.0 if s else float(f"{w:.{digits}g}") for w, s in zip(weights, small, strict=True)
        ]
        yield [_digits(number) for number in rounded]


def _sum_of(texts, chosen):
    parts = [
        _times(text, term.text)
        for text, term in zip(texts[:-1], chosen, strict=True)
        if _number_of(text)
    ]
    if not parts:
        return None
    parts += [texts[-1]] * bool(_number_of(texts[-1]))
    return functools.reduce(_plus, parts)


def _number_of(text):
    above, _, below = text.partition(" / ")
    return float(above) / float(below or 1)


def _times(factor, text):
    if factor in ("1", "-1"):
        return factor.removesuffix("1") + text
    return f"{factor} * {text}"


def _scores(values):
    """Rows of values with mean 0 and variance 1 each, 0 where missing."""
    known = ~np.isnan(values)
    n = np.maximum(known.sum(axis=1), 1)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.where(known, values, 0.0)
        values = np.where(known, values - values.sum(axis=1, keepdims=True) / n, 0.0)
        spread = np.sqrt((values**2).sum(axis=1, keepdims=True) / n)
        usable = (spread > 0) & np.isfinite(spread)
        return np.where(usable, values / np.where(usable, spread, 1.0), 0.0)


def _quantile(values, share):
    """What `np.quantile` returns, which takes longer than all else where values are few."""
    ordered, place = np.sort(values), share * (len(values) - 1)
    low, high = ordered[int(place)], ordered[-int(-place // 1)]
    return low + (high - low) * (place % 1)


def _scaled(terms, targets, slacks):
    """A column times a sum of a constant and another, as a price with its discount."""
    scores = _scores(np.stack([t.values for t in terms])).T
    bases = [t for t in terms if (np.nan_to_num(t.values) != 0).mean() >= LEAST_NONZERO]
    sizes = np.stack([np.where(t.values == 0, np.nan, t.values) for t in bases]) if bases else None
    for target in targets if bases else []:
        ratios, slack = target.values / sizes, slacks[target.names[0]]
        scored = zip(bases, sizes, ratios, _scores(ratios), strict=True)
        for base, size, ratio, score in scored:
            if base.names == target.names:
                continue
            like = np.abs(score @ scores) / len(ratio)
            like[[t.names in (target.names, base.names) for t in terms]] = 0
            if like.max() < LEAST_ALIKE:
                continue
            best = terms[int(like.argmax())]
            inner = slack / np.abs(size)
            some = ~np.isnan(ratio + best.values) & (inner > 0) & np.isfinite(inner)
            if some.sum() < LEAST_ROWS:
                continue
            A = np.column_stack([best.values[some], np.ones(some.sum())])
            weight = 1 / inner[some]
            weights = np.linalg.lstsq(A * weight[:, None], ratio[some] * weight, rcond=None)[0]
            off = np.abs(ratio[some] - A @ weights) / inner[some]
            if _quantile(off, 0.98) <= 2:
                found = _short_factors(A, ratio[some], inner[some], weights, [best])
                if found and best.text in found and {"+", "-"} & {*found.split()}:
                    yield target.names[0], f"{base.text} * ({found})"
