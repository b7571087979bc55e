"""The game of a table larger than memory: its real rows are a pool, refilled as it goes on."""

import numpy as np
import torch

from gan_augment.generators.table_game import RowGame

#: Steps between two refills, each of which replaces this part of the pool.
REFILL_STEPS, REFILL_SHARE = 50, 1 / 8


class FedGame(RowGame):
    """A game whose real rows are replaced, a part every few steps, by others of the same classes.

    Parameters
    ----------
    *args, **kwargs
        Of `RowGame`; the real rows are the first pool.
    feed : RowFeed
    counts : ndarray of int64 of shape (n_classes,)
        Rows of each class in the whole table, of which the pool has more of rare classes.
    """

    def __init__(self, *args, feed, counts, **kwargs):
        super().__init__(*args, **kwargs)
        self.feed, self.step = feed, 0
        self._weigh(torch.as_tensor(counts, device=self.real.device))

    def draw(self):
        if self.step and self.step % REFILL_STEPS == 0:
            self._refill()
        self.step += 1
        return super().draw()

    def seek(self, step):
        """Make the pool what it is after so many steps, at the start of a run that goes on."""
        for _ in range((step - 1) // REFILL_STEPS if step else 0):
            self._refill()
        self.step = step

    def _refill(self):
        matrix, groups = self.feed.draw(int(REFILL_SHARE * len(self.real)))
        starts, sizes = (t.cpu().numpy() for t in (self.real_index.starts, self.real_index.sizes))
        for group in np.unique(groups[self.feed.partly[groups]]):
            new = np.flatnonzero(groups == group)[: sizes[group]]
            places = self.feed.rng.choice(int(sizes[group]), len(new), replace=False)
            rows = self.real_index.order[
                torch.from_numpy(starts[group] + places).to(self.real.device)
            ]
            self.real[rows] = torch.from_numpy(matrix[new]).to(self.real.device)
