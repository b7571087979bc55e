"""Where the image generator starts: images made from real ones, class by class.

Two ingredients, mixed image by image (measurements: ``docs/research.md``):

* **interpolate**: a blend of an image and one of its nearest neighbours of the same class (Chawla
  et al. 2002, SMOTE);
* **morph**: both are moved along smooth flows to the shape between them before they are blended,
  so that a blend of two strokes is one stroke (Wolberg 1990). The flows are found by registration,
  once, when fitted. An image alone in its class is moved along flows of other classes.

Afterwards every image is shifted by a pixel or none.

Images *between* groups are morphs of two images of different ones.
"""

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.image import MAX_SIDE
from gan_augment.generators.allocation import checked_groups, draw_members, members_of
from gan_augment.nn.warp import STEPS, displace, register, shift_whole
from gan_augment.process.progress import Work
from gan_augment.process.state import torch_defaults
from gan_augment.training.devices import private_generator

N_NEIGHBORS = 4
MAX_PAIRS = 4000
CHUNK = 256


class ImagePrior:
    """Draws images of a group (a class) from real ones.

    `pairs_` are an image and a neighbour of its class, `flows_` lead from the first to the second
    of a pair, and back; left for later, they are found when an image is first moved.
    """

    def fit(self, images, groups, rng, device="cpu", flows=True):
        """Find neighbours and, unless left for later, the flows between them on a torch device."""
        self.images_, self.groups_, self.members_ = images, groups, members_of(groups)
        self.pairs_ = self._neighbours(rng)
        self.pairs_of_ = self._pairs_of_groups()
        self._device = device
        self._flows = self._registered(device) if flows else None
        return self

    @property
    def flows_(self):
        """Flows of the pairs, float32 of shape (n, 2, 2, any, any)."""
        if self._flows is None:
            self._flows = self._registered(self._device)
        return self._flows

    def arrays(self):
        """What was learnt, as named arrays."""
        return {
            "images": self.images_,
            "groups": self.groups_,
            "pairs": self.pairs_,
            "flows": self.flows_,
        }

    @classmethod
    def from_arrays(cls, arrays, shape, n_groups):
        """The prior that :meth:`arrays` describes, of images of this shape and so many groups."""
        prior = cls()
        prior.groups_ = checked_groups(arrays, n_groups)
        n = len(prior.groups_)
        prior.images_ = checked_array(arrays, "images", "float32", (n, *shape), low=0, high=1)
        prior.pairs_ = checked_array(arrays, "pairs", "int64", (None, 2), low=0, high=n - 1)
        flows = (len(prior.pairs_), 2, 2, None, None)
        prior._flows = checked_array(arrays, "flows", "float32", flows)
        grid = prior.flows_.shape[3:]
        require(1 <= min(grid) <= max(grid) <= MAX_SIDE, "flows on a grid inside the image")
        prior.members_ = members_of(prior.groups_)
        prior.pairs_of_ = prior._pairs_of_groups()
        return prior

    def _neighbours(self, rng):
        share = min(1.0, MAX_PAIRS / (N_NEIGHBORS * len(self.images_)))
        found = []
        for members in self.members_:
            if len(members) < 2:
                continue
            flat = self.images_[members].reshape(len(members), -1)
            k = min(N_NEIGHBORS, len(members) - 1)
            near = NearestNeighbors(n_neighbors=k + 1).fit(flat)
            asked = len(members)
            if share < 1:
                asked = max(min(len(members), 20), int(share * len(members)))
            first = np.sort(rng.permutation(len(members))[:asked])
            places = near.kneighbors(flat[first], return_distance=False)
            for a, row in zip(first, places, strict=True):
                others = [b for b in row if b != a][:k]  # an equal image may come before it
                found += [(members[a], members[b]) for b in others]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def _registered(self, device):
        parts = list(gen_batches(len(self.pairs_), CHUNK))
        work = Work("Finding flows between images", 2 * STEPS * len(parts), "steps")
        with torch_defaults(), work:
            images = torch.from_numpy(self.images_).to(device)
            flows = []
            for part in parts:
                a, b = (images[i] for i in self.pairs_[part].T)
                there, back = (register(*pair, work.advance) for pair in ((a, b), (b, a)))
                flows.append(torch.stack([there, back], dim=1).cpu().numpy())
        return np.concatenate(flows) if flows else np.zeros((0, 2, 2, 1, 1), dtype=np.float32)

    def real(self, groups, rng):
        """Real images of the groups asked for."""
        return self.images_[draw_members(self.members_, groups, rng)]

    def sample(self, groups, rng, weights=(0, 1), shift=0):
        """Images of the groups asked for, shifted by so many pixels at most.

        `weights` are the shares of interpolation and morphing.
        """
        n = len(groups)
        draws = private_generator(rng)
        alone = np.array([not len(pairs) for pairs in self.pairs_of_])[groups]
        morphs = rng.random(n) < weights[1] / sum(weights)
        with torch_defaults(), torch.no_grad():
            made = torch.empty(n, *self.images_.shape[1:])
            at = np.flatnonzero(~alone)
            if len(at):
                pairs = draw_members(self.pairs_of_, groups[at], rng)
                made[at] = self._between(pairs, torch.from_numpy(morphs[at]), draws)
            at = np.flatnonzero(alone)
            if len(at):
                made[at] = self._borrowed(self.real(groups[at], rng), rng, draws)
            return _shifted(made, shift, draws).clamp(0, 1).numpy()

    def between(self, n, rng, shift=0):
        """Morphs of images of two groups, all groups equally often; and the shares of the groups.

        There are to be two groups at least.
        """
        draws, size = private_generator(rng), len(self.members_)
        first = np.resize(rng.permutation(size), n)
        second = (first + rng.integers(1, size, size=n)) % size
        images, made = torch.from_numpy(self.images_), torch.empty(n, *self.images_.shape[1:])
        rows = [torch.from_numpy(draw_members(self.members_, g, rng)) for g in (first, second)]
        with torch_defaults():
            share = torch.rand(n, 1, 1, 1, generator=draws)
            for part in gen_batches(n, CHUNK):
                one, other, t = images[rows[0][part]], images[rows[1][part]], share[part]
                there, back = register(one, other), register(other, one)
                made[part] = _halfway(one, other, there, back, t)
            made = _shifted(made, shift, draws)
        shares = np.zeros((n, size))
        shares[np.arange(n), second] = share.ravel().numpy()
        shares[np.arange(n), first] = 1 - shares[np.arange(n), second]
        return made.clamp(0, 1).numpy(), shares

    def _pairs_of_groups(self):
        of_pair = self.groups_[self.pairs_[:, 0]]
        return [np.flatnonzero(of_pair == g) for g in range(len(self.members_))]

    def _between(self, pairs, morphs, draws):
        """Blends of pairs, moved together first where ``morphs``."""
        images = torch.from_numpy(self.images_)
        made = torch.empty(len(pairs), *images.shape[1:])
        share = torch.rand(len(pairs), 1, 1, 1, generator=draws)
        for part in gen_batches(len(pairs), CHUNK):
            t, keep = share[part], morphs[part][:, None, None, None]
            first, second = (images[i] for i in self.pairs_[pairs[part]].T)
            there, back = torch.from_numpy(self.flows_[pairs[part]]).unbind(1)
            moved = _halfway(first, second, there, back, t)
            made[part] = torch.where(keep, moved, (1 - t) * first + t * second)
        return made

    def _borrowed(self, images, rng, draws):
        """Images moved along flows of other classes; as they are if there are none."""
        images = torch.from_numpy(images)
        if not len(self.flows_):
            return images
        picked = rng.integers(len(self.flows_), size=len(images))
        share = torch.rand(len(images), 1, 1, 1, generator=draws)
        return displace(images, share * torch.from_numpy(self.flows_[picked, 0]))


def _shifted(images, shift, draws):
    """Images moved by so many pixels at most."""
    if not shift:
        return images
    moves = torch.randint(-shift, shift + 1, (len(images), 2), generator=draws)
    return shift_whole(images, moves)


def _halfway(first, second, there, back, t):
    """Blends of images that are first moved to the shape so far, 0 to 1, between the two."""
    return (1 - t) * displace(first, t * there) + t * displace(second, (1 - t) * back)
