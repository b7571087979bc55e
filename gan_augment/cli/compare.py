"""``gan-augment compare``: whether synthetic rows or images help models."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import numpy as np
import typer

from gan_augment.cli import options
from gan_augment.cli.answers import libraries_silent, show_comparison, target_note, write_answer
from gan_augment.cli.errors import BAD_INPUT, CommandLineWording, fail, plain_errors
from gan_augment.cli.generators import GeneratorName, image_generator, table_generator
from gan_augment.cli.inputs import (
    all_problems,
    are_images,
    check_column,
    may_write,
    one_file_each,
    read_rows,
    refuse_flip,
    refuse_for_images,
)
from gan_augment.cli.progress import progress
from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    import pandas as pd

#: After all folds once they are drawn again where a gain is more probable than this. Augmenters
#: are what is asked about; a control that is far from certain would not become so.
SECOND_LOOK = {"augmenter": 0.2, "control": 0.8}


def compare(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="TRAIN", help=options.INPUT_HELP)],
    target: Annotated[
        str | None, typer.Option(help="The column a model is to predict; tables need it.")
    ] = None,
    task: options.Task = None,
    report: options.Page = None,
    json: options.Json = None,
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
    generator: Annotated[
        str | None,
        typer.Option(
            help="What makes rows; commas compare several: gan, ctgan, tvae, copulagan, "
            "gaussiancopula; images: gan, vae, classic.",
            show_default="gan; images classic,gan",
        ),
    ] = None,
    scoring: Annotated[
        str | None,
        typer.Option(
            help="scikit-learn scorers, commas between; the answer stands on the first.",
            show_default="AUC and log loss; numbers r2",
        ),
    ] = None,
    pos_label: Annotated[
        str | None,
        typer.Option(
            help="The class that scores such as f1 are about.", show_default="the rarer of two"
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(help="A column, no feature then, whose rows stay in one fold together."),
    ] = None,
    subgroups: Annotated[
        list[str] | None,
        typer.Option(help='Where it helps: a column, or "class"; repeatable.'),
    ] = None,
    raw_probabilities: Annotated[
        bool,
        typer.Option(
            "--raw-probabilities", help="Do not correct probabilities for changed class shares."
        ),
    ] = False,
    rope: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="The change of a score that makes none in practice.",
            show_default="0.01; log loss 0.02",
        ),
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(help="Also train on so many rows, e.g. 50,200: a learning curve.")
    ] = None,
    ignore: options.LeftOut = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    missing: options.Missing = None,
    dates: options.Dates = None,
    drop_ragged: options.DropRagged = False,
    skip_lines: options.SkipLines = 0,
    drop_unlabeled: options.DropUnlabeled = False,
    flip: options.Flip = False,
    max_rows: Annotated[
        int, typer.Option(min=20, help="Compare on a random sample of larger tables.")
    ] = 2000,
    folds: Annotated[int, typer.Option(min=2, help="Held-out folds.")] = 5,
    repeats: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Times the folds are drawn.",
            show_default="2; 1 where nothing looks like a gain then",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Folds at a time, each in a process; -1 uses all cores.",
            show_default="2; with --quick 1",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One learner, three folds, 300 rows: a first look.")
    ] = False,
    seed: options.FixedSeed = 0,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure whether synthetic rows or images help models, beside cheap ways to more of them.

    Learners are cross-validated with and without added rows, beside what is cheap or free:
    class weights, a tuned threshold, noise on real rows, SMOTE and plain duplication. Text is
    encoded and gaps are filled inside the folds.
    """
    with plain_errors(context) as wording:
        wording.target = target
        may_write(report, overwrite)
        may_write(json, overwrite)
        one_file_each({"--report": report, "--json": json, "TRAIN": table})
        if quick:
            learners, folds, repeats, max_rows = learners or "lr", 3, 1, min(300, max_rows)
        options.check_jobs(jobs)
        jobs = jobs or (1 if quick else options.two_jobs())
        settings = {
            "n_samples": [_amount(text) for text in options.parts_of(rows)],
            "train_sizes": _sizes(sizes),
            "scoring": options.parts_of(scoring) if scoring else None,
            "subgroups": subgroups or None,
            "correct_class_shares": not raw_probabilities,
            "n_jobs": jobs,
            "random_state": seed,
            "rope": rope,
        }
        started = time.perf_counter()
        given = context.params | {"max_rows": max_rows}
        if are_images(table):
            refuse_for_images(table, context)
            asked = _about_images(given, wording)
            names = options.parts_of(generator or "classic,gan")
            makers = {name: image_generator(_known(name), flip=flip) for name in names}
        else:
            refuse_flip(flip, table)
            asked = _about_table(given, wording)
            names = options.parts_of(generator) if generator is not None else []
            makers = {name: table_generator(_known(name), {}, None) for name in names} or None
        from gan_augment.selection.learners import learners_for

        with libraries_silent(quiet), options.one_thread_each(), progress(quiet):
            models = learners_for(
                asked.X, options.parts_of(learners or asked.learners), asked.kind
            )
            result = _compared(
                asked,
                models,
                (folds, repeats),
                augmenters=makers,
                pos_label=_label(pos_label, asked),
                **settings,
            )
        named = {"table": table.name, "table_rows": asked.n_rows, "target": target}
        named |= {"task": asked.kind, "notes": " ".join(asked.notes)}
        result = replace(result, settings=result.settings | named)
        if not quiet:
            show_comparison(result, asked.notes, time.perf_counter() - started)
        write_answer(result, report, json, quiet)
        if result.advice == "nothing compared":
            fail(result.answer, BAD_INPUT)


def _compared(asked: _Asked, models: Any, folds: tuple[int, int | None], **settings: Any) -> Any:
    """Compare on folds that are drawn so many times; unless it is said, again if it may matter."""
    from gan_augment.evaluation.downstream import compare_augmentations

    n_splits, n_repeats = folds
    with tempfile.TemporaryDirectory() as cells:  # the second time goes on from the first
        for times in (1, 2) if n_repeats is None else (n_repeats,):
            result = compare_augmentations(
                models,
                asked.X,
                asked.y,
                cv=_folds(asked, n_splits, times, settings["random_state"]),
                groups=asked.groups,
                cache=cells if n_repeats is None else None,
                **settings,
            )
            if settings["subgroups"] is None and not _may_gain(result):
                break
    return result


def _may_gain(result: Any) -> bool:
    """Whether a gain is likely enough that the same folds drawn anew could make it certain."""
    from gan_augment.selection.controls import CONTROLS

    summary = result.summary(detail=True)
    summary = summary[summary["scorer"].isin(result.primary_)]
    controls = summary["augmenter"].isin(list(CONTROLS))
    enough = controls.map({True: SECOND_LOOK["control"], False: SECOND_LOOK["augmenter"]})
    return bool((summary["better"] > enough).any())


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is compared: features, target, its kind, notes, rows of the file, default learners."""

    X: Any
    y: Any
    kind: str
    notes: list[str]
    n_rows: int
    learners: str
    groups: Any = None


def _about_table(given: Mapping[str, Any], wording: CommandLineWording) -> _Asked:
    """A table, by the parameters of the command."""
    from gan_augment.encoding.schema import Schema
    from gan_augment.encoding.target import TargetCodec

    path, target, groups = given["table"], given["target"], given["groups"]
    if target is None:
        raise InputError(
            "--target is missing", remedy="name the column that a model is to predict"
        )
    reading = options.reading_of(given)
    file, frame, places = read_rows(path, reading, wording, target, given["drop_unlabeled"])
    notes, max_rows = list(file.notes), given["max_rows"]
    for column in given["ignore"]:
        _check_no_feature(frame, "--ignore", column, target, path)
    if groups is not None:
        _check_no_feature(frame, "--groups", groups, target, path)
        _check_no_gap(frame, groups)
    together = None if groups is None else frame[groups]
    X = frame.drop(columns=list({target, *given["ignore"]} | ({groups} - {None})))
    y = frame[target]
    if X.empty:
        raise InputError(
            f"Nothing is left of {path} to learn {target!r} from", remedy="keep a column"
        )
    with all_problems(X, {}):  # before any training
        codec = TargetCodec(given["task"] or "auto").fit(y, X)
    Schema.infer(X)
    if codec.kind_ == "class" and len(codec.classes_) < 2:
        raise InputError.of(
            "--target",
            target,
            f"has one class, {str(codec.classes_[0])!r}",
            "add rows of another class, or name another column",
        )
    notes += target_note(codec, target)
    if len(X) > max_rows:
        notes.append(f"Compared on {max_rows:,} rows drawn from {len(X):,}; see --max-rows.")
        chosen = _drawn(y, codec.kind_, max_rows, given["seed"])
        X, y = X.iloc[chosen].reset_index(drop=True), y.iloc[chosen].reset_index(drop=True)
        together = None if together is None else together.iloc[chosen].reset_index(drop=True)
        rows = places[chosen]
        wording.reads("X", path, lambda row: file.row_name(int(rows[row])), file.is_text)
    return _Asked(X, y, codec.kind_, notes, len(frame), "lr,rf,gb", together)


def _check_no_feature(frame: pd.DataFrame, option: str, column: str, target: str, path: Path):
    """Refuse to leave out a column that is not there or that must be learnt."""
    check_column(frame.columns, option, column, path)
    if column == target:
        raise InputError.of(
            option,
            column,
            "is the target, which must be learnt",
            "name another column or leave it out",
        )


def _check_no_gap(frame: pd.DataFrame, groups: str) -> None:
    """Refuse groups of which rows have none: nobody knows what they belong with."""
    gaps = np.flatnonzero(frame[groups].isna())
    if len(gaps):
        raise InputError(
            f"is missing ({len(gaps)} of {len(frame)} rows have no group)",
            argument="X",
            column=groups,
            row=int(gaps[0]),
            remedy="give each row a group, if need be one of its own, or leave out --groups",
        )


def _about_images(given: Mapping[str, Any], wording: CommandLineWording) -> _Asked:
    """Images, by the parameters of the command."""
    import pandas as pd

    from gan_augment.io.images import read_images

    path, max_rows = given["table"], given["max_rows"]
    found = read_images(path)
    wording.reads("X", path, found.row_name)
    if found.labels is None:
        raise InputError(
            "has no labels to predict",
            value=path,
            remedy="store an array 'labels' beside 'images'",
        )
    y = found.labels.astype(str)  # integers and text are classes alike
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 2:
        raise InputError(
            f"has one class, {str(classes[0])!r}", value=path, remedy="add images of another class"
        )
    if counts.min() < 2:
        rare = str(classes[counts.argmin()])
        raise InputError(
            f"has one image of the class {rare!r}",
            value=path,
            remedy="add another one, as held-out folds need two of each class",
        )
    images, notes = found.images, list(found.notes)
    if len(y) > max_rows:
        notes.append(f"Compared on {max_rows:,} images drawn from {len(y):,}; see --max-rows.")
        chosen = _drawn(pd.Series(y), "class", max_rows, given["seed"])
        images, y = images[chosen], y[chosen]
        wording.reads("X", path, lambda row: found.row_name(int(chosen[row])))
    return _Asked(images, y, "class", notes, len(found.images), "lr,rf,knn")


def _drawn(y: pd.Series, kind: str, n: int, seed: int) -> np.ndarray:
    """Positions of rows drawn at random, with the shares of the classes kept."""
    from sklearn.model_selection import train_test_split

    counts = y.value_counts()
    shares = y if kind == "class" and counts.min() > 1 and len(counts) <= n else None
    chosen, _ = train_test_split(
        np.arange(len(y)), train_size=n, stratify=shares, random_state=seed
    )
    return np.sort(chosen)


def _known(name: str) -> str:
    """Return a generator that the command line knows and that is no control."""
    known = [g for g in get_args(GeneratorName) if g not in ("smote", "bootstrap")]
    if name in ("smote", "bootstrap"):
        raise InputError.of(
            "--generator", name, "is a control and always compared", "leave it out"
        )
    if name not in known:
        raise InputError.of("--generator", name, "is unknown", f"use {', '.join(known)}")
    return name


def _label(text: str | None, asked: _Asked) -> Any:
    """Return the class that a text on the command line means; the text itself if none does."""
    if text is None or asked.kind != "class":
        return text
    labels = np.unique(np.asarray(asked.y)).tolist()
    return next((label for label in labels if str(label) == text), text)


def _folds(asked: _Asked, n_splits: int, n_repeats: int, seed: int) -> Any:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    if asked.groups is not None:
        return _folds_of_groups(asked, n_splits, n_repeats, seed)
    counts = np.unique(np.asarray(asked.y), return_counts=True)[1]
    most, whole = (
        (counts.max(), "largest class") if asked.kind == "class" else (len(asked.y), "table")
    )
    if n_splits > most:
        raise InputError.of(
            "--folds",
            n_splits,
            f"asks for more folds than the {whole} has rows",
            f"pass at most {most}, or more rows",
        )
    splitter = RepeatedStratifiedKFold if asked.kind == "class" else RepeatedKFold
    return splitter(n_splits=n_splits, n_repeats=n_repeats, random_state=seed)


def _folds_of_groups(asked: _Asked, n_splits: int, n_repeats: int, seed: int) -> Any:
    from gan_augment.selection.splits import draw_splits

    classes = asked.kind == "class"
    codes = np.unique(np.asarray(asked.y), return_inverse=True)[1]
    return [
        split
        for time in range(n_repeats)
        for split in draw_splits(
            codes, n_splits, classes=classes, groups=asked.groups, seed=seed + time
        )
    ]


def _amount(text: str) -> int | float | str:
    if text == "fill":
        return text
    return options.number_of(text, "--rows", "pass 1.0 (times the rows) or 500 (rows)")


def _sizes(text: str | None) -> list | None:
    """Training sizes, the whole fold last; None without any."""
    if text is None:
        return None
    remedy = "pass 0.5 (of the rows) or 500 (rows)"
    sizes = [options.number_of(part, "--sizes", remedy) for part in options.parts_of(text)]
    return [*sizes, 1.0]
