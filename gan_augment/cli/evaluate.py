"""The commands that measure: ``gan-augment compare`` and ``gan-augment check``.

Each reads tables, calls one public function, prints its answer in a few lines and writes the
whole of it as a page and as JSON.
"""

import contextlib
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape

from gan_augment.cli import images as cli_images
from gan_augment.cli.answers import show_comparison, show_files, show_quality
from gan_augment.cli.errors import (
    check_column,
    check_target,
    may_write,
    one_file_each,
    plain_errors,
)
from gan_augment.cli.options import Overwrite, Quiet, Task
from gan_augment.cli.tables import target_note
from gan_augment.exceptions import AugmentationWarning, InputError

TABLE_HELP = (
    "A .csv, .tsv or .parquet file; or images: a folder with a sub-folder per class, or a .npz."
)
FLIP_HELP = "Images only: mirror half of the new ones, left to right."

Page = Annotated[
    Path | None, typer.Option("--report", help="Write the whole answer to this HTML page.")
]
Json = Annotated[Path | None, typer.Option("--json", help="Write it to this JSON file.")]
Ignore = Annotated[list[str] | None, typer.Option(help="A column to leave out; repeatable.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same figures.")]


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
        str | None, typer.Option(help="The column a model is to predict; tables need it.")
    ] = None,
    task: Task = None,
    report: Page = None,
    json: Json = None,
    learners: Annotated[
        str | None,
        typer.Option(
            help="Of lr, rf, gb and knn, commas between.",
            show_default="lr,rf,gb; images lr,rf,knn",
        ),
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
    flip: Annotated[bool, typer.Option("--flip", help=FLIP_HELP)] = False,
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
    """Measure whether synthetic rows or images help models, beside cheap ways to more of them.

    Learners are cross-validated with and without added rows from the GAN, from SMOTE and from
    plain duplication; for images also from small movements of real ones. Text is encoded and
    gaps are filled inside the folds.
    """
    with plain_errors("--ignore"):
        from gan_augment.evaluation.downstream import compare_augmentations

        _check_files(report, json, overwrite, TRAIN=table)
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
        images = cli_images.are_images(table)
        if images:
            cli_images.refuse_options(table, {"target": target, "task": task, "ignore": ignore})
            X, y, kind, notes, total = cli_images.image_question(table, max_rows, seed, _sample)
            options["augmenters"] = cli_images.image_augmenters(flip)
        else:
            cli_images.refuse_flip(flip, table)
            X, y, kind, notes, total = _question(table, target, task, ignore or (), max_rows, seed)
        with _hushed(quiet):
            result = compare_augmentations(
                _learners(X, learners or ("lr,rf,knn" if images else "lr,rf,gb"), kind),
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
            show_comparison(result, notes, time.perf_counter() - started)
            show_files(report, json)


def _question(path, target, task, ignored, max_rows, seed):
    """Features, target, its kind, what was decided on the way, and the rows of the file."""
    from gan_augment.encoding.schema import Schema
    from gan_augment.encoding.target import TargetCodec
    from gan_augment.io.tables import read_table

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
    codec = TargetCodec(task or "auto").fit(y, X)
    kind = codec.kind_
    notes += target_note(codec, target)
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
    from gan_augment.selection.learners import learners_for

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
    """Keep to ourselves what libraries warn of, and our own where only errors were asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not quiet:
            warnings.simplefilter("default", AugmentationWarning)
        yield


def _check_files(report, json, overwrite, **read):
    """Refuse a page or figures in the place of a file that is read, or of each other."""
    for path in (report, json):
        may_write(path, overwrite)
    one_file_each({"--report": report, "--json": json, **read})


def _write(result, report, json):
    if json is not None:
        result.to_json(json)
    if report is not None:
        result.to_html(report)


def check(
    real: Annotated[Path, typer.Argument(metavar="REAL", help="What it was learnt from.")],
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
    """Measure how good synthetic rows or images are, beside real ones against real ones.

    Exits with status 1 if a --require does not hold, so that it can guard a pipeline.
    """
    with plain_errors("--ignore"):
        from gan_augment.evaluation.quality import quality_report

        read = {"REAL": real, "SYNTHETIC": synthetic, "--holdout": holdout}
        _check_files(report, json, overwrite, **read)
        images = cli_images.are_images(real)
        asked = {"target": target, "holdout": holdout, "privacy": privacy, "sdmetrics": sdmetrics}
        lacking = [name for name, given in asked.items() if not given]
        if images:
            unfit = {"target": target, "ignore": ignore, "sdmetrics": sdmetrics}
            cli_images.refuse_options(real, unfit)
            lacking.remove("target")  # the labels
        _check_requirements(require or (), lacking, images)
        started = time.perf_counter()
        notes = []
        if images:
            tables, asked["target"], notes = cli_images.image_sets(real, synthetic, holdout)
        else:
            tables, notes = _tables((real, synthetic, holdout), ignore or ())
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
            show_quality(result, notes, time.perf_counter() - started)
            show_files(report, json)
        failures = result.meets(require or ())
        console = Console(stderr=True)
        for failure in failures:
            console.print(f"[bold red]{escape(failure)}.[/]", soft_wrap=True, highlight=False)
    if failures:
        raise typer.Exit(1)


def _check_requirements(texts, lacking, images):
    """Refuse what cannot be read or will not be measured, before anything is."""
    from gan_augment.evaluation.requirements import Requirement

    cures = {
        "target": "name a column with --target",
        "holdout": "pass rows that the generator has not seen with --holdout",
        "privacy": "drop --no-privacy",
        "sdmetrics": "add --sdmetrics",
    }
    for text in texts:
        Requirement.parse(text).refuse_unmeasured({name: cures[name] for name in lacking}, images)


def _tables(paths, ignored):
    """The columns of tables that are compared, None for no path, and what was left out."""
    from gan_augment.io.tables import read_table

    frames = [None if path is None else read_table(path).frame for path in paths]
    real, synthetic = frames[:2]
    notes, ignored = [], list(ignored)
    for column in ignored:
        if not any(column in frame.columns for frame in frames if frame is not None):
            check_column(real, "--ignore", column, paths[0])
    if begins_with(synthetic, real):
        frames[1] = synthetic.iloc[len(real) :].reset_index(drop=True)
        notes.append(
            f"{paths[1]} begins with the {len(real):,} rows of {paths[0]}: the "
            f"{len(frames[1]):,} rows after them are compared."
        )
        marks = [name for name in synthetic.columns if name not in real.columns]
        ignored += marks if len(marks) == 1 else []  # what --mark wrote
    return [f if f is None else f.drop(columns=ignored, errors="ignore") for f in frames], notes


def begins_with(table, start):
    """Whether the first rows of a longer table are those of another one, cell for cell."""
    if len(table) <= len(start) or not set(start.columns) <= set(table.columns):
        return False
    first = table.iloc[: len(start)]
    return all(
        (first[name].astype(str).to_numpy() == start[name].astype(str).to_numpy()).all()
        for name in start.columns
    )
