"""The relations of a table: each kind is asked in turn, and the answers are put in order."""

from __future__ import annotations

from gan_augment.containers.untrusted import require, under
from gan_augment.encoding.relations.base import binding
from gan_augment.encoding.relations.block_look_up import BlockLookUp
from gan_augment.encoding.relations.calendar import Calendar
from gan_augment.encoding.relations.checked import Checked
from gan_augment.encoding.relations.combinations import Combinations
from gan_augment.encoding.relations.comparisons import Comparison
from gan_augment.encoding.relations.date_codes import DateCode
from gan_augment.encoding.relations.date_part import DatePart
from gan_augment.encoding.relations.declared import declared_relations
from gan_augment.encoding.relations.evidence import NEAR, TrainingRows
from gan_augment.encoding.relations.formula import Computed
from gan_augment.encoding.relations.intervals import Intervals
from gan_augment.encoding.relations.limited import Limited
from gan_augment.encoding.relations.look_up import LookUp
from gan_augment.encoding.relations.one_hot import OneHot
from gan_augment.encoding.relations.order import Order
from gan_augment.encoding.relations.pair_look_up import PairLookUp
from gan_augment.encoding.relations.products import Product
from gan_augment.encoding.relations.remainders import Remainder
from gan_augment.encoding.relations.steps import Steps
from gan_augment.encoding.relations.sums import Sum
from gan_augment.encoding.relations.tuples import Tuples
from gan_augment.encoding.relations.whole_years import WholeYears
from gan_augment.exceptions import InputError

#: Kinds in the order in which they are looked for: a column that one restores is left to it.
KINDS = (
    OneHot,
    BlockLookUp,
    WholeYears,  # which the month of a birth does not decide to the day
    DatePart,
    Sum,
    Computed,
    LookUp,
    Intervals,  # of numbers that are too many to be looked up
    Comparison,
    Product,
    PairLookUp,  # a table of pairs that were seen says less than a sum of any two numbers
    Remainder,
    Order,
    Calendar,
    Combinations,
)
#: Kinds of which rules are said that too many rows break to be kept.
OFTEN_BROKEN = (OneHot, DatePart, Computed, LookUp, PairLookUp, Order)
#: Kinds of one column, which are kept and not listed.
ALONE = (DateCode, Steps)
#: Kinds that only the caller declares.
DECLARED = (Tuples, Limited)


def find_relations(frame, schema, kinds=KINDS, constraints=None):
    """Return the relations of a table, each after those that restore what it needs.

    What the caller declares is looked at before what is found.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from gan_augment.encoding.schema import Schema
    >>> zone = np.random.default_rng(0).integers(0, 9, 200)
    >>> frame = pd.DataFrame({"zone": zone.astype(str), "borough": (zone // 3).astype(str)})
    >>> for relation in find_relations(frame, Schema.infer(frame)):
    ...     print(relation)
    'zone' decides 'borough'
    """
    return relations_of(TrainingRows(frame, schema), kinds, constraints)


def relations_of(rows, kinds=KINDS, constraints=None):
    """Return what `find_relations` does, of a table's `TrainingRows`."""
    found = _declared(rows, constraints)
    rows.look_beside(found)
    restored = _restored(found)
    for kind in kinds:
        for relation in kind.find(rows, restored):
            ordered = in_order([*found, relation]) or in_order([*found, relation.alone()])
            if ordered is None and relation.kind == Computed.kind:
                ordered = in_order([*(_beside(other, relation) for other in found), relation])
            # bound already, it says the same, as a sum that is solved for another part
            if ordered is None and not binding(found)(relation.columns):
                ordered = [*found, Checked.of(relation)]
            found = ordered or found
        if found is not rows.found:
            rows.look_beside(found)
            restored = _restored(found)
    return in_order(found)


def _restored(relations):
    return frozenset(name for relation in relations for name in relation.restores)


def _beside(other, relation):
    """A relation, which restores as few columns as it can if it shares some with another."""
    return other.alone() if {*other.columns} & {*relation.columns} else other


def near_relations(rows, relations):
    """Return rules that hold but for more rows than a kept one may have, beside those kept.

    Each is only looked at.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from gan_augment.encoding.schema import Schema
    >>> zone = np.random.default_rng(0).integers(0, 9, 500)
    >>> frame = pd.DataFrame({"zone": zone.astype(str), "borough": (zone // 3).astype(str)})
    >>> frame.loc[::50, "borough"] = "1"
    >>> rows = TrainingRows(frame, Schema.infer(frame))
    >>> print(*near_relations(rows, relations_of(rows)))
    'zone' decides 'borough' (but in 1.80% of the rows)
    """
    # some cells that are empty say less than that one column decides another
    telling = [relation for relation in relations if relation.kind != Combinations.kind]
    restored = {name for relation in telling for name in relation.restores}
    # an equation of columns that kept ones bind follows from these, but for rounding
    bound = {n for r in telling if r.kind == Computed.kind for n in r.columns}
    found = list(telling)
    rows.look_beside(found, NEAR)
    for kind in OFTEN_BROKEN:
        for relation in kind.find(rows, frozenset(restored)):
            # that two columns are in order says less than a formula
            others = [r for r in found if (r.kind, relation.kind) != ("order", "formula")]
            follows = relation.kind == Computed.kind and {*relation.columns} <= bound
            if relation.exceptions and not follows and not binding(others)(relation.columns):
                found.append(Checked.of(getattr(relation, "inner", relation)))
                restored |= {*relation.restores}
    rows.look_beside(relations)
    return found[len(telling) :]


def find_forms(rows, relations):
    """Return relations, and those of one column that none of them restores."""
    found = list(relations)
    for kind in ALONE:
        found += kind.find(rows, _restored(found))
    return in_order(found)


def _declared(rows, constraints):
    if not constraints:
        return []
    found = in_order(declared_relations(rows, constraints))
    if found is None:
        raise InputError("contradict each other: no order computes them", argument="constraints")
    return found


def in_order(relations):
    """Return relations in an order in which they can be decoded, None if there is none.

    No two may restore the same column, and none may need what it restores itself.
    """
    restored = [name for relation in relations for name in relation.restores]
    if len(set(restored)) < len(restored):
        return None
    left, waiting, ordered = list(relations), set(restored), []
    while left:
        ready = next((r for r in left if not waiting & set(r.needs)), None)
        if ready is None:
            return None
        left.remove(ready)
        waiting -= set(ready.restores)
        ordered.append(ready)
    return ordered


def to_plain(relations):
    """Return relations as JSON can hold them, and their arrays."""
    arrays = {
        f"{i}/{name}": array
        for i, relation in enumerate(relations)
        for name, array in relation.arrays().items()
    }
    return [relation.to_plain() for relation in relations], arrays


def from_plain(described, arrays, schema):
    """Return the relations that `to_plain` described, or refuse what no table has."""
    require(isinstance(described, list), "a list of relations")
    relations = []
    for i, facts in enumerate(described):
        is_checked = isinstance(facts, dict) and facts.get("kind") == Checked.kind
        relation = _read(facts["inner"] if is_checked else facts, under(f"{i}/", arrays), schema)
        relations.append(Checked.of(relation) if is_checked else relation)
    ordered = in_order(relations)
    require(ordered is not None, "relations that can be decoded one after the other")
    return ordered


def _read(facts, arrays, schema):
    """One relation, as a file describes it."""
    kinds = {kind.kind: kind for kind in (*KINDS, *ALONE, *DECLARED)}
    known = isinstance(facts, dict) and facts.get("kind") in kinds
    require(known, "relations of known kinds")
    return kinds[facts["kind"]].from_plain(facts, arrays, schema)
