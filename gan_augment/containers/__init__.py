"""What the caller passes in comes back in kind: arrays, pandas, polars and pyarrow.

Inside the library every table is a pandas frame, and every set of images an array. This module
is the door: `to_pandas` lets a table in, or refuses it in one sentence, and the `Container` it
returns restores synthetic rows to the caller's own kind. The caller's rows never make that
journey: `append_rows` and `take_rows` work on the native object, so they stay equal bit for bit.
"""

from gan_augment.containers.images import flat_rows, is_images
from gan_augment.containers.rows import append_rows, n_rows, take_rows
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
    "take_rows",
    "to_pandas",
]
