"""Many rows to one file, a chunk at a time: what is written never has to fit into memory.

All chunks are written as the first is, whatever they happen to hold. Rows that show all that the
columns may hold settle the types of Parquet, and the layout of dates in CSV, before the first one.
"""

import itertools
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_augment.containers import to_pandas
from gan_augment.persistence import replacing
from gan_augment.tabular_files import csv_text, file_kind


def with_target(X, y):
    """Rows as a frame whose last column is the target, if there is one."""
    frame = to_pandas(X)[0]
    return frame if y is None else frame.assign(**{_free_name(y, frame.columns): y})


def _free_name(y, taken):
    """The name of the target, or the next one that no column has."""
    name = first = str(getattr(y, "name", None) or "target")
    for number in itertools.count(2):
        if name not in taken:
            return name
        name = f"{first}_{number}"


def write_frames(frames, path, *, examples, raw=False):
    """Write frames of the same columns below each other to a new file, as each one comes.

    The file appears under its name once it is complete.

    Parameters
    ----------
    frames : iterable of DataFrame
        At least one.
    path : Path
        Its suffix chooses the format.
    examples : DataFrame
        Rows with the columns and dtypes of all frames, in which each column shows itself.
    raw : bool, default=False
        Leave text that a spreadsheet would run as a formula as it is; concerns CSV only.

    Returns
    -------
    int
        Cells that were escaped.

    Examples
    --------
    >>> import tempfile
    >>> frames = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [3]})]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     escaped = write_frames(frames, path, examples=frames[0])
    ...     print(path.read_text().split())
    ['a', '1', '2', '3']
    """
    frames = (_as_like(frame, examples) for frame in frames)
    write = _write_parquet if file_kind(path) == "parquet" else _write_csv
    return write(frames, Path(path), examples, raw)


def _as_like(frame, examples):
    """The frame in the dtypes of the examples: a chunk without gaps may look narrower."""
    wrong = {
        name: examples[name].dtype
        for name in frame.columns
        if frame[name].dtype != examples[name].dtype
    }
    return frame.astype(wrong) if wrong else frame


def _write_parquet(frames, path, examples, raw):
    schema = pa.Schema.from_pandas(examples, preserve_index=False)
    with replacing(path) as temporary, pq.ParquetWriter(temporary, schema) as file:
        for frame in frames:
            named = frame.set_axis(schema.names, axis=1)  # a file has no numbers for names
            table = pa.Table.from_pandas(named, schema=schema, preserve_index=False)
            file.write_table(table)  # a group of rows
    return 0


def _write_csv(frames, path, examples, raw):
    n_escaped, is_first = 0, True
    with replacing(path) as temporary, open(temporary, "wb") as file:
        for frame in frames:
            told = {
                name: _moments(frame[name], examples[name])
                for name in frame.columns
                if frame[name].dtype.kind in "Mm"
            }
            text, escaped = csv_text(frame.assign(**told), path, raw, header=is_first)
            file.write(text.encode("utf-8"))
            n_escaped, is_first = n_escaped + escaped, False
    return n_escaped


def _moments(cells, examples):
    """Dates or durations as text; pandas shows no more of them than the rows at hand need."""
    text = pd.concat([examples, cells], ignore_index=True).astype(str)
    text = text.iloc[len(examples) :].set_axis(cells.index)
    return text.astype(object).where(cells.notna(), None)
