"""The table side of ``gan-augment augment`` and ``sample``: files of rows in and out."""

import contextlib
import time
import warnings

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_augment.cli.errors import check_column, check_target, may_write, one_file_each
from gan_augment.exceptions import InputError

MAX_TIMES = 100


def augment_table(
    table,
    out,
    *,
    target,
    task,
    rows,
    balance,
    generator,
    locality,
    ignore,
    regenerate,
    kind,
    mark,
    model,
    allow_copies,
    seed,
    raw,
    overwrite,
    quiet,
):
    """Do what ``augment`` says, for a table; the arguments are its options."""
    from gan_augment.io.tables import file_kind, read_table

    file_kind(out)
    may_write(out, overwrite)
    may_write(model, overwrite)
    check_model(model, generator)
    one_file_each({"--model": model, "--out": out, "the table": table})
    amount = amount_of(rows, balance, target)
    columns = chosen_columns(kind, ignore, regenerate)
    maker = table_generator(generator, columns, locality, task or "auto")
    started = time.perf_counter()
    source = read_table(table)
    source.check_mark(mark)
    _check_columns(source.frame, target, columns, table)
    frame = with_room(source.frame, ignore or ())
    with warnings.catch_warnings(record=True) as heard:
        options = {"allow_copies": allow_copies, "random_state": seed}
        added, augmenter = _new_rows(frame, target, maker, amount, balance, **options)
    fitted = augmenter.generator_
    n_escaped = source.write(out, added, mark, raw)
    if model is not None:
        fitted.save(model)
    if not quiet:
        seconds = time.perf_counter() - started
        notes = [*source.notes, *(str(warning.message) for warning in heard)]
        notes += [*target_note(fitted.target_, target), *_escape_note(n_escaped)]
        notes += [augmenter.decision_] if amount == "auto" else []
        notes += copies_note(augmenter, "rows")
        labels = [None, None] if target is None else [source.frame[target], added[target]]
        report(*labels, (len(source.frame), len(added)), out, seconds, notes)
        if model is not None:
            print(f"The fitted generator is in {model}.")


#: What the command line calls SDV's synthesizers.
PEERS = {
    "ctgan": "CTGAN",
    "tvae": "TVAE",
    "copulagan": "CopulaGAN",
    "gaussiancopula": "GaussianCopula",
}


def check_model(model, generator):
    """Refuse to save what cannot be saved."""
    if model is not None and generator not in ("gan", "vae"):
        raise InputError(f"--model saves a GAN or a VAE, not {generator!r}: drop it.")


def chosen_columns(kind, ignore, regenerate):
    """What --kind, --ignore and --regenerate say, as ``columns`` of a generator."""
    said = [*map(_kind, kind or ()), *((name, "ignore") for name in ignore or ())]
    columns = {}
    for name, what in [*said, *((name, "regenerate") for name in regenerate or ())]:
        if columns.setdefault(name, what) != what:
            raise InputError(f"{name!r} is to be {columns[name]!r} and {what!r}: say one of them.")
    return columns


def _kind(text):
    """Column and kind of a --kind option."""
    name, separator, kind = text.rpartition("=")
    if not separator:
        raise InputError(f"--kind {text!r} names no kind: write NAME=KIND, as zip=category.")
    return name, kind


def amount_of(rows, balance, target):
    """What GANAugmenter calls n_samples."""
    if balance == "fill":
        if target is None:
            raise InputError("--balance fill needs classes: name their column with --target.")
        if rows is not None:
            raise InputError(f"--balance fill decides the number of rows: drop --rows {rows}.")
        return "fill"
    rows = "1.0" if rows is None else rows
    if rows == "auto":
        if target is None:
            raise InputError("--rows auto asks what helps a model: name its target with --target.")
        return rows
    with contextlib.suppress(ValueError):
        return int(rows)
    try:
        times = float(rows)
    except ValueError:
        raise InputError(
            f"--rows {rows!r} is not a number: pass 1.0 (times the rows), 500 (rows) or auto."
        ) from None
    if times > MAX_TIMES:
        raise InputError(
            f"--rows {rows} would be {rows} times the rows of the table: for a number of rows "
            f"write a whole number, such as {min(times, 1e6):.0f}."
        )
    return times


def _either(*names):
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def table_generator(name, columns, locality, target="auto"):
    """The unfitted generator of that name, or a refusal of options it does not have."""
    if name in ("classic", "vae"):
        known = _either("gan", "smote", *PEERS, "bootstrap")
        raise InputError(f"--generator {name} makes images: use {known}.")
    for option, given, takers in (
        ("--ignore, --regenerate and --kind", columns, ("gan", *PEERS)),
        ("--locality", locality is not None, ("gan",)),
    ):
        if given and name not in takers:
            raise InputError(
                f"--generator {name} takes no {option}: drop that, or use {_either(*takers)}."
            )
    if name in PEERS:
        from gan_augment.generators.sdv import SDVGenerator

        return SDVGenerator(PEERS[name], metadata=columns or None, target=target)
    if name == "smote":
        from gan_augment.generators.controls import SMOTEGenerator

        return SMOTEGenerator(impute=True, target=target)
    if name == "bootstrap":
        from gan_augment.generators.controls import BootstrapGenerator

        return BootstrapGenerator(target=target)
    from gan_augment.generators.tabular.gan import TabularGAN

    options = {"columns": columns or None, "locality": locality, "target": target}
    return TabularGAN(**{key: value for key, value in options.items() if value is not None})


def _check_columns(frame, target, columns, path):
    may_be_target(target, columns)
    for column, kind in columns.items():
        check_column(frame, option_of(kind), column, path)
    if target is not None:
        check_target(frame, target, path)


def may_be_target(target, columns):
    """Refuse a kind for the target."""
    if target in columns:
        option = option_of(columns[target])
        raise InputError(f"{option} {target!r} is the target: it is learnt as --task says.")


def option_of(kind):
    """The option that chose this kind."""
    return f"--{kind}" if kind in ("ignore", "regenerate") else "--kind"


def with_room(frame, ignored):
    """The frame, where each ignored column is of a dtype that can be empty in new rows."""
    full = [name for name in ignored if frame[name].dtype.kind in "iub"]
    return frame.assign(**{name: frame[name].convert_dtypes() for name in full})


def _new_rows(frame, target, maker, amount, balance, **options):
    """Synthetic rows with the columns of ``frame``, and the fitted augmenter."""
    from gan_augment.estimators.transformer import GANAugmenter

    X = frame if target is None else frame.drop(columns=target)
    y = None if target is None else frame[target]
    shares = "equal" if balance == "fill" else balance
    augmenter = GANAugmenter(maker, n_samples=amount, class_balance=shares, **options)
    augmented = augmenter.augment(X, y)
    added = augmented.X[augmented.is_synthetic]
    if target is not None:
        added = added.assign(**{target: augmented.y[augmented.is_synthetic]})
    return added[list(frame.columns)], augmenter


def report(real, new, counts, out, seconds, notes, unit="rows"):
    """Print how many there are, by class where there are few, and what was noticed."""
    title = Table("", "real", "synthetic", title=f"{escape(str(out))} ({seconds:.1f} s)")
    if real is not None and real.nunique() <= 20:
        real, new = real.value_counts(), new.value_counts()
        for label in real.index:
            title.add_row(escape(str(label)), f"{real[label]:,}", f"{new.get(label, 0):,}")
        title.add_section()
    title.add_row(unit, *(f"{count:,}" for count in counts))
    console = Console()
    console.print(title)
    for note in notes:
        console.print(escape(note), highlight=False)


def copies_note(augmenter, unit):
    """How many rows or images were thrown away for equalling a real one, if any."""
    if not augmenter.n_redrawn_:
        return ()
    n = augmenter.n_redrawn_
    what, were = (unit.removesuffix("s"), "was") if n == 1 else (unit, "were")
    return (f"{n:,} {what} equal to a real one {were} drawn again.",)


def target_note(codec, target):
    """How the target was taken, by its fitted codec."""
    if codec.kind_ == "none":
        return ()
    what = f"{len(codec.classes_)} classes" if codec.kind_ == "class" else "a number"
    return (f"The target {target!r} was taken for {what} (--task says otherwise).",)


def _escape_note(n_escaped):
    if not n_escaped:
        return ()
    return (
        f"{n_escaped} text cells that a spreadsheet would run as formulas now start with a ' "
        "(--raw leaves them as they are).",
    )


def sample_table(generator, n, out, *, label, seed, raw, overwrite, quiet):
    """Do what ``sample`` says, for a generator of tables."""
    from gan_augment.io.tables import file_kind, with_target, write_frames

    file_kind(out)
    may_write(out, overwrite)
    wanted = n if label is None else {known_label(generator, label): n}
    chunks = generator.sample_iter(wanted, random_state=seed)
    frames = (with_target(X, y) for X, y in chunks)
    n_escaped = write_frames(frames, out, examples=with_target(*generator.examples()), raw=raw)
    if not quiet:
        console = Console()
        console.print(escape(f"{n:,} rows are in {out}."), highlight=False)
        for note in _escape_note(n_escaped):
            console.print(escape(note), highlight=False)


def fill_folder(generator, n, out, rows_per_file, label, seed, jobs, quiet, others):
    """Do what ``sample --rows-per-file`` says; `others` are options that do not go with it."""
    from gan_augment.generators.to_parquet import sample_to_parquet

    for option, given in others.items():
        if given:
            raise InputError(f"{option} does not go with --rows-per-file: drop it.")
    if jobs == 0:
        raise InputError("--jobs 0 runs nothing: pass 1, or -1 for all cores.")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: with --rows-per-file name a folder.")
    wanted = n if label is None else {known_label(generator, label): n}
    options = {"rows_per_partition": rows_per_file, "random_state": seed, "n_jobs": jobs}
    paths = sample_to_parquet(generator, wanted, out, **options)
    if not quiet:
        said = f"{n:,} rows are in {len(paths):,} files in {out}."
        Console().print(escape(said), highlight=False)


def known_label(generator, label):
    """The class that reads ``label``: on the command line every label is text."""
    classes = getattr(generator, "classes_", None)
    if classes is None:
        raise InputError(f"--label {label!r} needs classes, and this model has none: drop it.")
    for known in classes:
        if str(known) == label:
            return known
    names = ", ".join(str(known) for known in classes)
    raise InputError(f"--label {label!r} is not a class of this model: it has {names}.")
