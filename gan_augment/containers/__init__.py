"""Tables and images as callers pass them: arrays, pandas, polars and pyarrow.

Inside the package every table is a pandas frame, and every set of images an array. `to_pandas`
converts a table, or refuses it in one sentence, and the `Container` it returns restores synthetic
rows to the caller's kind of table. The caller's own rows are never converted back: `append_rows`
and `take_rows` work on the native object, so they stay equal bit for bit.
"""

from gan_augment.containers.images import flat_rows, is_images
from gan_augment.containers.rows import append_rows, n_rows, own_rows, take_rows
from gan_augment.containers.table import Container, is_on_disk, to_pandas
from gan_augment.containers.validation import SparseInputError

__all__ = [
    "Container",
    "SparseInputError",
    "append_rows",
    "flat_rows",
    "is_images",
    "is_on_disk",
    "n_rows",
    "own_rows",
    "take_rows",
    "to_pandas",
]
