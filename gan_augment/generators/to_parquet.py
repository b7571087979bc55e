"""Many rows to a folder of Parquet files, which several workers fill and a later run completes.

Each partition has a seed of its own and its own rows of each class, planned before the first one
is made: so it is the same whoever makes it and whenever. A file appears under its name once it is
complete. What the folder holds is said in a small JSON file beside them, and another request into
the same folder is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
from sklearn.utils.parallel import delayed
from sklearn.utils.validation import check_is_fitted

from gan_augment import __version__
from gan_augment.exceptions import InputError
from gan_augment.generators.allocation import counts_of_chunk
from gan_augment.generators.base import as_count
from gan_augment.io.atomic import replacing
from gan_augment.process.progress import Work
from gan_augment.process.randomness import as_rng, draw_seed
from gan_augment.process.workers import as_finished, ends_with_parent

try:
    import fcntl
except ImportError:  # Windows, which deletes no file that is open
    fcntl = None  # type: ignore[assignment]

#: Readers of Parquet folders skip names that begin so.
PLAN = "_partitions.json"
#: Rows that a worker holds at once.
CHUNK_ROWS = 100_000


def sample_to_parquet(
    generator: Any,
    n_samples: int | Mapping[Any, int],
    folder: str | PathLike,
    *,
    rows_per_partition: int = 1_000_000,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> list[Path]:
    """Write new rows to a folder of Parquet files, ``part-00000.parquet`` and so on.

    A run that was stopped goes on when it is called again with the same arguments: partitions that
    are there are left alone. Files do not depend on the number of workers, nor on what kind they
    are: those of the surrounding :func:`joblib.parallel_config`, such as processes or Dask.

    Parameters
    ----------
    generator : TabularGAN or GANAugmenter
        Fitted.
    n_samples : int or dict of {label: rows}
        Rows in all, or of each class; over all partitions these are exact.
    folder : str or Path
        Made if it is not there. Workers on other machines need it under the same name.
    rows_per_partition : int, default=1_000_000
        The last partition has what is left.
    random_state : None, int, Generator or RandomState, optional
        If None, that of a run which is to be completed, and fresh entropy in a new folder.
    n_jobs : int, optional
        Partitions made at a time, as for :class:`joblib.Parallel`. Each worker holds the generator
        and 100,000 rows.

    Returns
    -------
    list of Path
        The partitions, in order. New identifiers go on from one to the next; the target, if there
        is one, is the last column.

    Raises
    ------
    InputError
        If the request cannot be met, or the folder holds the rows of another one.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from sklearn.datasets import load_iris
    >>> from gan_augment import TabularGAN, sample_to_parquet
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> gan = TabularGAN(n_steps=0, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = sample_to_parquet(gan, 2500, folder, rows_per_partition=1000, random_state=0)
    ...     rows = pd.read_parquet(folder)
    >>> [path.name for path in paths]
    ['part-00000.parquet', 'part-00001.parquet', 'part-00002.parquet']
    >>> rows["target"].value_counts().to_dict() == {0: 834, 1: 833, 2: 833}
    True
    """
    generator = getattr(generator, "generator_", generator)  # an augmenter holds one
    _check_generator(generator)
    size = as_count(rows_per_partition, "rows_per_partition", least=1)
    counts = generator.requested_counts(n_samples)
    if not counts.sum():
        raise InputError.of("n_samples", n_samples, "asks for no rows", "pass at least 1")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    request = {"rows": counts.tolist(), "rows_per_partition": size}
    request |= {"model": _fingerprint(generator), "version": __version__}
    seed = _agreed_seed(folder, request, random_state)
    parts = list(_planned(counts, size, seed))
    with _joined_run(folder) as run:
        todo = [(k, *part) for k, part in enumerate(parts) if not _is_there(folder, k, part)]
        tasks = [
            delayed(ends_with_parent(_write))(generator, folder, k, k * size, part, seed)
            for k, part, _ in todo
        ]
        with Work("Writing files", len(tasks), "files") as work:
            for _ in as_finished(tasks, n_jobs, batch_size=1):
                work.advance()
        if _is_only_run(run):
            for leftover in folder.glob(".part-*.part"):  # of workers that were killed
                with contextlib.suppress(OSError):
                    leftover.unlink()
    return [_path(folder, k) for k in range(len(parts))]


def _check_generator(generator):
    if not hasattr(generator, "examples") or not hasattr(generator, "as_data"):
        raise InputError(
            f"generator is a {type(generator).__name__}, which cannot be written to partitions",
            remedy="pass a fitted TabularGAN, or a GANAugmenter that holds one",
        )
    check_is_fitted(generator)


@contextlib.contextmanager
def _joined_run(folder: Path) -> Iterator[IO]:
    """Hold a lock on the plan, shared with other runs that fill the same folder."""
    with open(folder / PLAN, "rb") as plan:
        with contextlib.suppress(OSError):  # a file system without locks
            if fcntl:
                fcntl.flock(plan, fcntl.LOCK_SH)
        yield plan


def _is_only_run(plan: IO) -> bool:
    """Whether no other run fills the folder at this time, whose files are not to be removed."""
    if not fcntl:
        return True
    try:
        fcntl.flock(plan, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _fingerprint(generator):
    """A SHA-256 of all that was fitted."""
    header, arrays = generator.as_data()
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _agreed_seed(folder, request, random_state):
    """The seed of the folder: that of an earlier run, which must have asked for the same."""
    path = folder / PLAN
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            seed, other = found.pop("seed"), [k for k in request if found[k] != request[k]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError("is damaged", value=path, remedy="pass another folder") from error
        asked = None if random_state is None else _as_seed(random_state)
        other += ["random_state"] * (asked not in (None, seed))
        if other:
            raise InputError.of(
                "folder",
                str(folder),
                f"holds the partitions of another request (its {' and '.join(other)} differ)",
                "pass another folder, or remove it",
            )
        return seed
    if any(folder.iterdir()):
        raise InputError.of(
            "folder", str(folder), "has files already", "pass a new or empty folder"
        )
    seed = _as_seed(random_state)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps({**request, "seed": seed}), encoding="utf-8")
    return seed


def _as_seed(random_state):
    if random_state is None:
        return int(np.random.SeedSequence().entropy)
    if isinstance(random_state, np.random.Generator | np.random.RandomState):
        return draw_seed(as_rng(random_state))
    as_rng(random_state)  # refuses what is no seed
    return int(getattr(random_state, "entropy", random_state))


def _planned(left, size, seed):
    """Yield the rows of each group in each partition, and their sum."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    while total := int(left.sum()):
        rows = min(size, total)
        counts = counts_of_chunk(left, rows, rng)
        left = left - counts
        yield counts, rows


def _path(folder, k):
    return folder / f"part-{k:05d}.parquet"


def _is_there(folder, k, part):
    """Whether a partition is complete."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(_path(folder, k)).num_rows == part[1]
    except (OSError, pa.ArrowException):
        return False


def _write(generator, folder, k, start, counts, seed):
    """Make one partition; `start` rows are before it."""
    from gan_augment.io.tables import with_target, write_frames

    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k + 1,)))
    chunks = generator.iter_chunks(counts, CHUNK_ROWS, rng, start=start)
    frames = (with_target(X, y) for X, y in chunks)
    write_frames(frames, _path(folder, k), examples=with_target(*generator.examples()))
