"""The page of a quality report: the answer, four groups of metrics, then the rows themselves."""

from dataclasses import dataclass, field, fields

import pandas as pd

from gan_augment.encoding.relations.evidence import is_worse
from gan_augment.metrics.uncertainty import FAIR_WITHIN, GOOD_WITHIN
from gan_augment.report import figures
from gan_augment.report.cells import interval, number
from gan_augment.report.page import (
    Cards,
    Figure,
    Grid,
    Metrics,
    Page,
    Section,
    Table,
    Tabs,
    Text,
    drawn,
)

MAX_COLUMNS_DRAWN = 24
MAX_ROWS_DRAWN = 5_000
MAX_PAIRED = 20
#: Rules and columns that lead the fidelity section, and what the least of these columns loses.
MOST_GIVEN, LEAST_TELLING = 5, 0.01
#: A table of rows with more columns than these is turned, with this many rows side by side.
MAX_ACROSS, TURNED_ROWS = 9, 7

GROUPS = {
    "fidelity": (
        "Fidelity",
        "Do synthetic {rows} look like real ones: {fidelity}, and to a model that tries to tell "
        "them apart?",
    ),
    "diversity": (
        "Diversity",
        "Do they cover all that real {rows} show, {rare}or only the middle?",
    ),
    "utility": (
        "Utility",
        "Does a model that is trained on synthetic {rows} work on real ones?",
    ),
    "privacy": (
        "Privacy",
        "Are synthetic {rows} suspiciously close to the {rows} they were learnt from?",
    ),
}
LEAD = "Each figure with its 95 % interval, beside what real {rows} reach against real {rows}."
IMPOSSIBLE = "Impossible rows: rules of the real {rows} that synthetic ones break"
GIVEN_AWAY = (
    "Columns that give the synthetic rows away, with the area under the curve that the model "
    "which tells them from real ones loses without each: {names}."
)
NO_PROMISE = (
    "These figures can show a leak; none can show that there is none. Read “Before you rely on "
    "it” at the end of the page before {rows} leave your hands."
)
HOW_METRICS = (
    "No figure means much alone. “real against real” is the same metric between real {rows} and "
    "other real {rows}: the best that a perfect generator could show with so many of them; for "
    "some figures it is what chance would give. A figure is good where it falls short of that "
    "mark by no more than {good} % of its scale once the uncertainty of both is allowed for, fair "
    "up to {fair} %, and poor beyond. The tables below say what {good} % of each scale is."
)
HOW_COLUMNS = (
    "Where the two colours cover each other, the column is well learnt. The target comes first, "
    "then the columns that fall furthest behind what real rows reach. “outside” counts the rows "
    "beyond the ends of an axis, which leaves out the farthest half percent on each side."
)
HOW_PAIRS = (
    "One square a pair of columns. Red: they rise together or depend on each other. Blue: one "
    "falls as the other rises. The third map should be blank; colour there is a relation that "
    "synthetic rows lost (or made up). Numbers: Spearman's rank correlation; with categories: how "
    "far the pair is from independent columns, 0 to 1. The table of pairs has the same figures."
)
HOW_CLOUD = (
    "Every dot is a row. On the left real rows, on the right synthetic ones, on the same map. "
    "Grey that shows through on the left: synthetic rows where no real ones are. Grey on the "
    "right: real rows that synthetic ones never reach."
)
#: Tables a report may hold, and how to read them; others appear under their own names.
TABLES = {
    "classes": (
        "Classes",
        "Rows of each class in the real and in the synthetic table, and of each side compared: "
        "as many of a class as all sides have, so that classes made more or less often on purpose "
        "are no difference.",
    ),
    "columns": (
        "Columns",
        "Every column, those that fall furthest behind first. similarity is ks for numbers and tv "
        "for categories, 1 for the same distribution; real against real is the same between real "
        "rows, and behind is the one less the other. missing cells are shares. telling is "
        "how much area under the curve the model that tells the rows apart loses without "
        "the column, 0 or more.",
    ),
    "pairs": (
        "Pairs",
        "Pairs of columns whose relation synthetic rows miss most, as a share of what there is to "
        "miss: that between real against real, where a pair goes together as in other real rows, "
        "and if independent, where nothing connects its columns. The strengths say how closely "
        "the pair hangs together in each table: a rank correlation, or with categories the "
        "distance from independence.",
    ),
    "telling_columns": (
        "What gives them away",
        "The columns that the model which tells synthetic rows from real ones relies on: how "
        "much of the area under its curve is lost when the column is shuffled, 0 for nothing.",
    ),
    "violations": (
        "Impossible cells",
        "Cells that no real row could have: out of range, unknown, or missing where none may be.",
    ),
    "relations": (
        "What holds between columns",
        "Relations found in the real rows, of which up to 5 % may break them, and the shares of "
        "real and of synthetic rows that do: the worst first.",
    ),
    "implausible_rows": (
        "Implausible rows",
        "The synthetic rows that are easiest to recognise as such, worst first. Rows count from "
        "0; “surely synthetic” is how sure the model is that tells the rows apart.",
    ),
    "uncovered_rows": (
        "Real rows not covered",
        "Real rows that have no synthetic row nearby: what the generator leaves out. The distance "
        "is that to the nearest synthetic row, over that to the fifth nearest real one.",
    ),
    "rare_categories": ("Rare categories", "Whether rare categories appear, and how often."),
    "utility": (
        "Models",
        "Learners trained and tested on real and on synthetic rows: what each was trained on, and "
        "what it was tested on.",
    ),
    "importances": (
        "What models rely on",
        "How much each column matters to a model of real and to one of synthetic rows: by how "
        "much its loss grows when the column is shuffled.",
    ),
    "membership_attack": (
        "Membership attack",
        "How well the best of three attacks tells training rows from others: on the synthetic "
        "rows, on rows interpolated between training rows as SMOTE does, which give them away, "
        "and on rows of one Gaussian. 0.5 is a guess. A low figure is no proof of anonymity.",
    ),
    "nearest_neighbours": (
        "Nearest real rows",
        "Synthetic rows that are closest to a real one. Look whether they are copies of a "
        "person or simply common. A distance of 1 is one standard deviation, or one other "
        "category.",
    ),
}


#: Headings of these tables in words.
HEADINGS = {
    "synthetic_row": "synthetic row",
    "real_row": "real row",
    "synthetic_class": "synthetic class",
    "real_class": "real class",
    "n_different": "columns that differ",
    "most_different": "most of all",
    "missing_real": "missing, real",
    "missing_synthetic": "missing, synthetic",
    "interval": "95 % interval",
    "reference": "real against real",
    "violations": "impossible cells",
    "real_share": "share of real rows",
    "synthetic_share": "share of synthetic rows",
    "real_rows": "real rows",
    "synthetic_rows": "synthetic rows",
    "other": "and",
    "independent": "if independent",
    "P(synthetic)": "surely synthetic",
    "distance in radii": "distance",
    "trtr": "real to real",
    "tstr": "synthetic to real",
    "trts": "real to synthetic",
}


_COLUMNS = (
    "column kind similarity interval reference behind missing_real missing_synthetic telling "
    "violations"
).split()


@dataclass(frozen=True)
class Words:
    """What the page says of one kind of data.

    Parameters
    ----------
    unit, whole : str
        Such as "rows" and "table".
    title : str
        The question.
    fidelity : str
        In what synthetic data are compared with real ones.
    rare : str
        Whether rare cases are looked for.
    where : str
        What the tables at the end show.
    tables : dict of {name: (title, how to read it)}
    """

    unit: str = "rows"
    whole: str = "table"
    title: str = "Is this synthetic data any good?"
    fidelity: str = "column by column, in pairs"
    rare: str = "rare cases included, "
    where: str = "Which columns and which rows are behind the figures. Press a heading to sort."
    tables: dict = field(default_factory=lambda: TABLES)

    def say(self, text):
        """Return a text about this kind of data."""
        words = {f.name: getattr(self, f.name) for f in fields(self)}
        shares = {"good": f"{100 * GOOD_WITHIN:.0f}", "fair": f"{100 * FAIR_WITHIN:.0f}"}
        return text.format(rows=self.unit, **words, **shares)


def table_page(report, frames, strengths, points):
    """Return the page of a quality report of tables.

    Parameters
    ----------
    report : object
        With ``answer, details, tone, to_frame(), tables, notes`` and ``settings``, such as
        `quality_report` returns.
    frames : dict of {"real" | "synthetic": DataFrame}
        The rows compared.
    strengths : tuple of two DataFrame
        See `pair_heatmaps`: of the real rows and of the synthetic ones.
    points : tuple of two ndarray
        See `embedding`.
    """
    real, synthetic = (_thinned(frames[name]) for name in ("real", "synthetic"))
    target = report.settings.get("target")
    order = _most_different_first(list(real.columns), report.to_frame(), target)
    views = {"Columns": [_columns(real, synthetic, order, target)]}
    if len(strengths[0]) > 1:
        views["Pairs"] = [_pairs(strengths, order)]
        clouds = (side[:MAX_ROWS_DRAWN] for side in points)
        words = {"caption": "Rows on a map", "how_to_read": HOW_CLOUD}
        views["All columns at once"] = [drawn(figures.embedding, *clouds, 0, **words)]
    lead = "Figures can agree while pictures do not: look at the columns you know."
    seen = Section("Real beside synthetic", lead, (Tabs(views, "Pictures"),))
    return page_of(report, seen, Words())


def page_of(report, seen, words, tables=None):
    """Return the page of a report: its answer, its figures, what can be seen, and its notes.

    Parameters
    ----------
    report : object
        As for `table_page`.
    seen : Section
        Shows the data themselves.
    words : Words
    tables : dict of {str: DataFrame}, optional
        Those of the report by default.
    """
    metrics, settings = report.to_frame(), report.settings
    sections = [_overview(metrics, words)]
    for group in GROUPS:
        if (metrics["group"] == group).any():
            lead = _giveaways(report.tables, words) if group == "fidelity" else ()
            sections.append(_group(metrics, group, words, lead))
    sections += [seen, *_tables(report.tables if tables is None else tables, words)]
    if report.notes:
        items = tuple(Text(note, "note") for note in report.notes)
        sections.append(Section("Before you rely on it", "", items))
    tone = "plain" if report.tone == "unknown" else report.tone
    facts = _facts(settings, words.unit)
    return Page(words.title, report.answer, tuple(sections), tone, facts, report.details)


def _thinned(frame):
    few = len(frame) <= MAX_ROWS_DRAWN
    return frame if few else frame.sample(MAX_ROWS_DRAWN, random_state=0)


def _facts(settings, unit):
    facts, compared = {}, settings.get(f"{unit}_compared")
    for name, value in settings.items():
        if value is None or name == f"{unit}_compared":
            continue
        words = f"{value:,}" if type(value) is int and name != "random_state" else str(value)
        if name.endswith(f"_{unit}") and compared is not None and compared < value:
            words = f"{compared:,} of {words}"
        facts[{"random_state": "seed"}.get(name, name.replace("_", " "))] = words
    return facts


def _overview(metrics, words):
    caption = f"All metrics of the whole {words.whole}"
    how = words.say(HOW_METRICS)
    figure = drawn(figures.metric_bars, metrics, caption=caption, how_to_read=how)
    items = (_cards(metrics, words), figure)
    return Section("At a glance", words.say(LEAD), items)


def _cards(metrics, words):
    """The worst verdict of each group, and the figure behind it."""
    cards = []
    for group, (title, lead) in GROUPS.items():
        mine = metrics[metrics["group"] == group]
        mine = mine[mine["by"].isna()] if mine["by"].isna().any() else mine
        verdicts = mine["verdict"].tolist()
        order = ("poor", "fair", "good", "unknown")
        worst = next((word for word in order if word in verdicts), None)
        if worst is None:
            continue
        row = mine[mine["verdict"] == worst].iloc[0]
        text = f"{verdicts.count(worst)} of {len(verdicts)} {worst}"
        if worst == "unknown":
            text += f": {row['remark']}"
        elif worst != "good":
            by = "" if pd.isna(row["by"]) else f" of {row['by']}"
            text += f", first {row['label']}{by}: {number(row['value'])}"
            if row["remark"]:
                text += f": {row['remark']}"
            elif pd.notna(row["reference"]):
                beside = "chance" if row["reference_kind"] == "chance" else "real against real"
                text += f", {beside} {number(row['reference'])}"
        cards.append((title, worst, f"{words.say(lead)} {text}."))
    return Cards(tuple(cards))


def _giveaways(tables, words):
    """The rules that synthetic rows break and the columns that give them away: what to mend."""
    items, relations = [], tables.get("relations", pd.DataFrame())
    if len(relations):
        shares = zip(relations["real_share"], relations["synthetic_share"], strict=True)
        worse = relations[[is_worse(*pair) for pair in shares]]
        if len(worse):
            shown = worse.drop(columns="rows").rename(columns=HEADINGS)
            items.append(
                Table(shown, words.say(IMPOSSIBLE), words.tables["relations"][1], MOST_GIVEN)
            )
    telling = tables.get("telling_columns", pd.DataFrame({"column": [], "telling": []}))
    telling = telling[telling["telling"] >= LEAST_TELLING].head(MOST_GIVEN)
    if len(telling):
        columns = zip(telling["column"], telling["telling"], strict=True)
        names = ", ".join(f"{name} ({lost:.2f})" for name, lost in columns)
        items.append(Text(GIVEN_AWAY.format(names=names), "note"))
    return items


def _group(metrics, group, words, lead_items=()):
    title, lead = GROUPS[group]
    mine = metrics[metrics["group"] == group]
    items = list(lead_items)
    if mine["by"].isna().any():
        items.append(Metrics(mine[mine["by"].isna()], unit=words.unit))
    for name, rows in mine[mine["by"].notna()].groupby("name", sort=False):
        worst_first = rows.assign(_rank=rows["verdict"].map({"poor": 0, "fair": 1}).fillna(2))
        worst_first = worst_first.sort_values("_rank", kind="stable").drop(columns="_rank")
        caption = f"{rows['label'].iloc[0] or name}, one by one ({len(rows)})"
        caption = caption[0].upper() + caption[1:]
        folded = len(rows) > 6 or len(items) > len(lead_items)
        items.append(Metrics(worst_first, caption, folded, words.unit))
    if group == "privacy":
        items.append(Text(words.say(NO_PROMISE), "warning"))
    return Section(title, words.say(lead), tuple(items))


def _columns(real, synthetic, order, target):
    """Return small figures of the columns that differ most."""
    drawn = order[:MAX_COLUMNS_DRAWN]
    small = tuple(
        Figure(
            figures.column_distribution(real[name], synthetic[name]),
            str(name) + (" (target)" if name == target else ""),
            description=_description(name, real[name], synthetic[name]),
        )
        for name in drawn
    )
    caption = "" if len(drawn) == len(order) else f"{len(drawn)} of {len(order)} columns"
    return Grid(small, caption, HOW_COLUMNS, {"real rows": "real", "synthetic rows": "synthetic"})


def _pairs(strengths, order):
    """Return maps of the pairs of those columns that differ most."""
    names, first = list(strengths[0].columns), {str(name) for name in order[:MAX_PAIRED]}
    some = [name for name in names if name in first] or names[:MAX_PAIRED]
    caption = "How strongly columns go together"
    if len(some) < len(names):
        caption += f" ({len(some)} of {len(names)}, those that differ most)"
    shown = (side.loc[some, some] for side in strengths)
    return drawn(figures.pair_heatmaps, *shown, caption=caption, how_to_read=HOW_PAIRS)


def _most_different_first(shared, metrics, target):
    by_column = metrics[metrics["by"].notna() & metrics["name"].isin(["ks", "tv"])]
    short = by_column["reference"].fillna(1.0) - by_column["value"]
    short = short.where(by_column["higher_is_better"], -short)
    worst = short.groupby(figures.as_text(by_column["by"])).max()
    order = sorted(shared, key=lambda name: -worst.get(str(name), -1.0))
    return [name for name in order if name == target] + [n for n in order if n != target]


def _description(name, real, synthetic):
    """What the small figure shows, for a reader who cannot see it."""
    if figures.is_number(real) and figures.is_number(synthetic):
        return (
            f"Distribution of {name}. Median: real {real.median()}, "
            f"synthetic {synthetic.median()}."
        )
    tops = [figures.as_text(side).value_counts(normalize=True) for side in (real, synthetic)]
    told = [f"{top.index[0]} ({top.iloc[0]:.0%})" if len(top) else "nothing" for top in tops]
    return f"Shares of {name}. Most frequent: real {told[0]}, synthetic {told[1]}."


def _tables(tables, words):
    views = {}
    for name, frame in tables.items():
        if len(frame):
            title, how = words.tables.get(name, (str(name).replace("_", " ").capitalize(), ""))
            views[title] = [_table(name, frame, how)]
    if not views:
        return []
    return [Section("Where it comes from", words.where, (Tabs(views, "Tables"),))]


def _table(name, frame, how):
    """Return a table with headings in words; of rows with many columns a turned one."""
    if frame.index.name is not None:  # rows of the caller's: only what we added has other words
        own = frame.columns[0]
        frame = frame.rename(columns={own: HEADINGS.get(own, own)})
        if frame.shape[1] > MAX_ACROSS:
            return Table(_turned(frame), "", how, max_rows=100, sortable=False)
        return Table(frame, "", how, max_rows=50)
    if name == "columns":
        behind = frame["reference"] - frame["similarity"]
        ends = [interval(*pair) for pair in zip(frame["low"], frame["high"], strict=True)]
        frame = frame.assign(behind=behind, interval=ends)[_COLUMNS]
    if name == "pairs":
        frame = frame.rename(
            columns={"real": "strength, real", "synthetic": "strength, synthetic"}
        )
    return Table(frame.rename(columns=HEADINGS), "", how, max_rows=50)


def _turned(frame):
    """Return the first rows of a table side by side, a line for each of their columns."""
    some = frame.head(TURNED_ROWS)
    lines = zip(some.index, some.to_numpy(object), strict=True)
    cells = {f"row {row}": list(line) for row, line in lines}
    return pd.DataFrame({"column": [str(name) for name in some.columns], **cells}, dtype=object)
