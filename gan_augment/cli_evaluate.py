"""The commands that measure, ``compare`` and ``check``: one public function each, and a page."""

import contextlib
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_augment.cli_errors import check_column, check_target, may_write, plain_errors
from gan_augment.cli_images import image_sets, labelled_images
from gan_augment.exceptions import InputError
from gan_augment.image_files import holds_images

TABLE_HELP = "A .csv, .tsv or .parquet file; a folder of images or .npz."
COLOURS = {"good": "green", "better": "green", "fair": "yellow", "poor": "red", "worse": "red"}

Page = Annotated[
    Path | None, typer.Option("--report", help="Write the whole answer to this HTML page.")
]
Json = Annotated[Path | None, typer.Option("--json", help="Write it to this JSON file.")]
Ignore = Annotated[list[str] | None, typer.Option(help="A column to leave out; repeatable.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same figures.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def register(app):
    """Add the commands to the front door.

    Parameters
    ----------
    app : typer.Typer
    """
    app.command(
        epilog="Example: [bold]gan-augment compare churn.csv --target churn --report help.html[/]"
    )(compare)
    app.command(
        epilog="Example: [bold]gan-augment check real.csv synthetic.csv --holdout later.csv "
        "--require 'c2st<=0.8' --require 'exact_copies<=0.01'[/]"
    )(check)


def compare(
    table: Annotated[Path, typer.Argument(metavar="TRAIN", help=TABLE_HELP)],
    target: Annotated[
        str | None, typer.Option(help="The column a model is to predict; of images the folder.")
    ] = None,
    report: Page = None,
    json: Json = None,
    learners: Annotated[
        str | None,
        typer.Option(help="Of lr, rf, gb and knn, commas between.", show_default="lr,rf,gb"),
    ] = None,
    rows: Annotated[
        str, typer.Option(help="Rows to add: 1.0 times the rows, or 500; commas compare amounts.")
    ] = "1.0",
    scoring: Annotated[
        str | None, typer.Option(help="scikit-learn scorers, with commas between.")
    ] = None,
    rope: Annotated[
        float, typer.Option(min=0, help="The change of a score that makes none in practice.")
    ] = 0.01,
    sizes: Annotated[
        str | None, typer.Option(help="Also train on so many rows, e.g. 50,200: a learning curve.")
    ] = None,
    ignore: Ignore = None,
    max_rows: Annotated[
        int, typer.Option(min=20, help="Compare on a random sample of larger tables.")
    ] = 2000,
    folds: Annotated[int, typer.Option(min=2, help="Held-out folds.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="Times the folds are drawn anew.")] = 2,
    jobs: Annotated[int, typer.Option(help="Folds at a time; -1 uses all cores.")] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="One learner, three folds, 300 rows: a first look.")
    ] = False,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Measure whether synthetic rows help models of a table, beside cheap ways to more rows.

    Learners are cross-validated with and without added rows from the GAN, from SMOTE and from
    plain duplication. Text is encoded and gaps are filled inside the folds.
    """
    with plain_errors("--ignore"):
        from gan_augment.evaluate.downstream import compare_augmentations

        for path in (report, json):
            may_write(path, overwrite)
        if quick:
            learners, folds, repeats, max_rows = learners or "lr", 3, 1, min(300, max_rows)
        if jobs == 0:
            raise InputError("--jobs 0 runs nothing: pass 1, or -1 for all cores.")
        options = {
            "n_samples": [
                _amount(text, "--rows", "1.0 (times the rows)") for text in _parts(rows)
            ],
            "train_sizes": _sizes(sizes),
            "scoring": _parts(scoring) if scoring else None,
        }
        started = time.perf_counter()
        X, y, kind, notes, total = _question(table, target, ignore or (), max_rows, seed)
        target = target or "class of the image"
        with _hushed(quiet):
            result = compare_augmentations(
                _learners(X, learners or "lr,rf,gb", kind),
                X,
                y,
                cv=_folds(kind, folds, repeats, seed),
                n_jobs=jobs,
                random_state=seed,
                rope=rope,
                verbose=int(not quiet and Console().is_terminal),
                **options,
            )
        named = {"table": table.name, "table_rows": total, "target": target, "task": kind}
        named["notes"] = " ".join(notes)
        result = replace(result, settings=result.settings | named)
        _write(result, report, json)
        if not quiet:
            _show_comparison(result, notes, time.perf_counter() - started)
            _show_files(report, json)


def _question(path, target, ignored, max_rows, seed):
    """Features, target, its kind, what was decided on the way, and the rows of the file."""
    from gan_augment.codecs.schema import Schema
    from gan_augment.codecs.target import TargetCodec
    from gan_augment.tabular_files import read_table

    if holds_images(path):
        X, y = labelled_images(path, target=target, ignore=ignored)
        total, notes = len(X), []
        if total > max_rows:
            notes.append(f"Compared on {max_rows:,} images drawn from {total:,}; see --max-rows.")
            chosen = _sample(pd.Series(y), "class", max_rows, seed)
            X, y = X[chosen], y[chosen]
        return X, y, "class", notes, total
    if target is None:
        raise InputError("--target is missing: name the column a model is to predict.")
    source = read_table(path)
    frame, notes = source.frame, list(source.notes)
    check_target(frame, target, path)
    for column in ignored:
        check_column(frame, "--ignore", column, path)
        if column == target:
            raise InputError(f"--ignore {column!r} is the target: it must be learnt.")
    X, y = frame.drop(columns=[target, *ignored]), frame[target]
    if X.empty:
        raise InputError(f"--ignore leaves no column of {path} beside {target!r}: keep one.")
    Schema.infer(X)  # identifiers and the like are refused here, before any training
    kind = TargetCodec().fit(y, X).kind_
    if len(X) > max_rows:
        notes.append(f"Compared on {max_rows:,} rows drawn from {len(X):,}; see --max-rows.")
        chosen = _sample(y, kind, max_rows, seed)
        X, y = X.iloc[chosen].reset_index(drop=True), y.iloc[chosen].reset_index(drop=True)
    return X, y, kind, notes, len(frame)


def _sample(y, kind, n, seed):
    """Positions of rows drawn at random, with the shares of the classes kept."""
    from sklearn.model_selection import train_test_split

    counts = y.value_counts()
    shares = y if kind == "class" and counts.min() > 1 and len(counts) <= n else None
    chosen, _ = train_test_split(
        np.arange(len(y)), train_size=n, stratify=shares, random_state=seed
    )
    return np.sort(chosen)


def _learners(X, names, kind):
    from gan_augment.learners import learners_for

    return learners_for(X, _parts(names), kind)


def _folds(kind, n_splits, n_repeats, seed):
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    splitter = RepeatedStratifiedKFold if kind == "class" else RepeatedKFold
    return splitter(n_splits=n_splits, n_repeats=n_repeats, random_state=seed)


def _parts(text):
    return [part.strip() for part in text.split(",")]


def _amount(text, option, share):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    if text == "fill" and option == "--rows":
        return text
    raise InputError(f"{option} {text!r} is not a number: pass {share} or 500 (rows).")


def _sizes(text):
    """Training sizes, the whole fold last; None without any."""
    if text is None:
        return None
    sizes = [_amount(part, "--sizes", "0.5 (of the rows)") for part in _parts(text)]
    return [*sizes, 1.0]


@contextlib.contextmanager
def _hushed(quiet):
    """Keep to ourselves what libraries warn of, where nothing but errors was asked for."""
    with warnings.catch_warnings():
        if quiet:
            warnings.simplefilter("ignore")
        yield


def _write(result, report, json):
    if json is not None:
        result.to_json(json)
    if report is not None:
        result.to_html(report)


def _show_files(*paths):
    for path in paths:
        if path is not None:
            print(f"The whole answer is in {path}.")


def _show_comparison(result, notes, seconds):
    console = Console()
    summary = result.summary()
    summary = summary[summary["scorer"] == result.scorers_[0]]
    learners = summary["estimator"].unique().tolist()
    summary = summary.sort_values("estimator", key=lambda c: c.map(learners.index), kind="stable")
    several = summary.loc[summary["augmenter"] != "none", "n_samples"].nunique() > 1
    several = several or summary["train_size"].nunique() > 1
    table = Table("learner", "rows from", "score", "change", "95 % interval", "decision")
    learner = None
    for row in summary.to_dict("records"):
        if row["estimator"] != learner:
            table.add_section()
        added = ""
        if several:
            added = f" ({row['n_train']:.0f} + {row['n_synthetic']:.0f})"
        table.add_row(
            escape(str(row["estimator"])) if row["estimator"] != learner else "",
            escape(f"{row['augmenter']}{added}"),
            *_change(row),
            _coloured(row["decision"]),
        )
        learner = row["estimator"]
    table.title = escape(f"{result.scorers_[0]} ({seconds:.0f} s)")
    console.print(table)
    for note in notes:
        console.print(escape(note), highlight=False)
    console.print(f"[bold]{escape(result.verdict_)}[/]", highlight=False)


def _change(row):
    """The score, its change and the interval, as far as they are known."""
    if np.isnan(row["score"]):
        return "", "", ""
    if np.isnan(row["low"]):  # the baseline, or a single fold
        return f"{row['score']:.3f}", "", ""
    change, interval = f"{row['difference']:+.3f}", f"{row['low']:+.3f} to {row['high']:+.3f}"
    return f"{row['score']:.3f}", change, interval


def _coloured(word):
    return f"[{COLOURS[word]}]{word}[/]" if word in COLOURS else escape(str(word))


def check(
    real: Annotated[Path, typer.Argument(metavar="REAL", help="The table it was learnt from.")],
    synthetic: Annotated[Path, typer.Argument(metavar="SYNTHETIC", help=TABLE_HELP)],
    holdout: Annotated[
        Path | None, typer.Option(help="Real rows that the generator has not seen.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column a model is to predict: measures utility.")
    ] = None,
    report: Page = None,
    json: Json = None,
    require: Annotated[
        list[str] | None,
        typer.Option(help=r"Such as 'c2st<=0.8' or 'ks\[age]>=0.9'; exit 1 if not; repeatable."),
    ] = None,
    ignore: Ignore = None,
    max_rows: Annotated[
        int, typer.Option(min=10, help="Compare a random sample of larger tables.")
    ] = 10_000,
    privacy: Annotated[bool, typer.Option(help="Measure privacy too.")] = True,
    sdmetrics: Annotated[
        bool, typer.Option("--sdmetrics", help="Add the score of sdmetrics' QualityReport.")
    ] = False,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Measure how good synthetic rows are, each figure beside real rows against real rows.

    Exits with status 1 if a --require does not hold, so that it can guard a pipeline.
    """
    with plain_errors("--ignore"):
        from gan_augment.evaluate.quality import quality_report

        for path in (report, json):
            may_write(path, overwrite)
        asked = {"target": target, "holdout": holdout, "privacy": privacy, "sdmetrics": sdmetrics}
        _check_requirements(require or (), [name for name, given in asked.items() if not given])
        started = time.perf_counter()
        if holds_images(real):
            tables, asked["target"] = image_sets(
                real, synthetic, holdout, target=target, ignore=ignore
            )
        else:
            tables = [_table(path, ignore or (), real) for path in (real, synthetic, holdout)]
            if target is not None:
                check_column(tables[0], "--target", target, real)
        with _hushed(quiet):
            result = quality_report(
                *tables[:2],
                **asked | {"holdout": tables[2]},
                max_rows=max_rows,
                random_state=seed,
            )
        _write(result, report, json)
        if not quiet:
            _show_quality(result, time.perf_counter() - started)
            _show_files(report, json)
        failures = result.meets(require or ())
        console = Console(stderr=True)
        for failure in failures:
            console.print(f"[bold red]{escape(failure)}.[/]", soft_wrap=True, highlight=False)
    if failures:
        raise typer.Exit(1)


def _check_requirements(texts, lacking):
    """Refuse what cannot be read or will not be measured, before anything is."""
    from gan_augment.evaluate.requirements import Requirement

    cures = {
        "target": "name a column with --target",
        "holdout": "pass rows that the generator has not seen with --holdout",
        "privacy": "drop --no-privacy",
        "sdmetrics": "add --sdmetrics",
    }
    for text in texts:
        Requirement.parse(text).refuse_unmeasured({name: cures[name] for name in lacking})


def _table(path, ignored, real):
    """The columns of a table that are compared; None for no path."""
    from gan_augment.tabular_files import read_table

    if path is None:
        return None
    frame = read_table(path).frame
    for column in ignored:
        if path == real:
            check_column(frame, "--ignore", column, path)
    return frame.drop(columns=list(ignored), errors="ignore")


def _show_quality(result, seconds):
    console = Console()
    console.print("Each figure beside its reference, real rows against real rows.")
    metrics = result.to_frame()
    table = Table("", "metric", "value", "95 % interval", "reference", "verdict")
    group = None
    for row in metrics[metrics["by"].isna()].to_dict("records"):
        if row["group"] != group:
            table.add_section()
        known = row["low"] == row["low"] and row["low"] is not None
        table.add_row(
            row["group"] if row["group"] != group else "",
            escape(row["name"]),
            f"{row['value']:.3f}",
            f"{row['low']:.3f} to {row['high']:.3f}" if known else "",
            f"{row['reference']:.3f}" if row["reference"] == row["reference"] else "",
            _coloured(row["verdict"]),
        )
        group = row["group"]
    table.title = f"{seconds:.0f} s"
    console.print(table)
    for note in result.notes:
        console.print(escape(note), highlight=False)
    console.print(f"[bold]{escape(result.verdict_)}[/]", highlight=False)
