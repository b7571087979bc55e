"""The network that completes images: any hidden patches from any known ones, a few at a time.

An image is cut into a grid of patches, and each patch is one of a book of patches that k-means
found among real ones: so an image is a row of codes, and is made as rows of a table are
(:mod:`gan_augment.nn.completion`). Asked again and again, some patches at a time, the network
makes an image from nothing; asked once more for each patch, given all others, it mends what did
not fit when little was known yet (van den Oord et al. 2017, codes of patches; Chang et al. 2022,
masked generation of images).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, leaky_relu, pad
from torch.nn.functional import linear as linear_map

from gan_augment.nn.layers import SLOPE, linear

#: Patches in the book, real ones that k-means looks at, its rounds, and patches coded at once.
BOOK, LOOKED_AT, MEAN_ROUNDS, CODED_AT_ONCE = 256, 30_000, 15, 2**16
#: Numbers that stand for a patch on its way into the network and out of it; their first spread.
PATCH_WIDTH, FIRST_SPREAD = 48, 0.4
#: Images completed at a time, which share the order of their patches; and how often each is drawn.
PIECE, TIMES = 500, 2


def patch_side(shape: tuple[int, ...]) -> int:
    """Return the side of a patch of images (channels, height, width): some 64 make an image."""
    return max(2, math.ceil(math.sqrt(shape[1] * shape[2]) / 8))


def cut(images: Tensor, side: int) -> Tensor:
    """Return the patches (n, places, numbers) of images, whose last pixels are repeated to fit."""
    height, width = images.shape[2:]
    images = pad(images, (0, -width % side, 0, -height % side), mode="replicate")
    parts = images.unfold(2, side, side).unfold(3, side, side)
    return parts.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


def joined(patches: Tensor, shape: tuple[int, ...], side: int) -> Tensor:
    """Return the images of this shape that :func:`cut` would cut so."""
    channels, height, width = shape
    down, across = -(-height // side), -(-width // side)
    parts = patches.view(len(patches), down, across, channels, side, side)
    images = parts.permute(0, 3, 1, 4, 2, 5).reshape(-1, channels, down * side, across * side)
    return images[:, :, :height, :width]


def nearest(patches: Tensor, book: Tensor) -> Tensor:
    """Return the place in a book of the patch closest to each, (n, numbers)."""
    half = book.square().sum(1) / 2
    return torch.cat([(p @ book.T - half).argmax(1) for p in patches.split(CODED_AT_ONCE)])


def new_book(patches: Tensor, rng: torch.Generator) -> Tensor:
    """Return a book of patches that are close to these, (n, numbers): k-means.

    It begins with patches far from each other (Arthur & Vassilvitskii 2007, k-means++).
    """
    device = patches.device
    some = torch.randperm(len(patches), generator=rng, device=device)[:LOOKED_AT]
    patches = patches[some]
    book = patches[:1]
    apart = (patches - book).square().sum(1)
    for _ in range(BOOK - 1):
        # never nothing: there may be fewer different patches than are wanted
        next_one = patches[torch.multinomial(apart + 1e-12, 1, generator=rng)]
        book = torch.cat([book, next_one])
        apart = torch.minimum(apart, (patches - next_one).square().sum(1))
    for _ in range(MEAN_ROUNDS):
        member = nearest(patches, book)[:, None] == torch.arange(BOOK, device=device)
        sizes = member.sum(0)[:, None]
        means = member.T.to(patches.dtype) @ patches / sizes.clamp(min=1)
        book = torch.where(sizes > 0, means, book)
    return book


class ImageCompletion(nn.Module):
    """Likelihoods of what each patch may be, given the patches that are known and the class.

    `book` is filled with the patches there are to choose from; a code beyond them is hidden.
    """

    book: Tensor

    def __init__(self, shape, *, n_conditions, hidden_dim, rng):
        super().__init__()
        self.shape, self.side = shape, patch_side(shape)
        down, across = (-(-length // self.side) for length in shape[1:])
        self.n_places, self.hidden = down * across, BOOK
        self.register_buffer("book", torch.zeros(BOOK, shape[0] * self.side**2))
        looks = torch.empty(BOOK + 1, PATCH_WIDTH).normal_(0, FIRST_SPREAD, generator=rng)
        self.look = nn.Parameter(looks)
        self.first = linear(self.n_places * PATCH_WIDTH, hidden_dim, rng)
        self.classes = linear(n_conditions, hidden_dim, rng)
        self.second = linear(hidden_dim, hidden_dim, rng)
        self.back = linear(hidden_dim, self.n_places * PATCH_WIDTH, rng)
        self.answer = linear(PATCH_WIDTH, BOOK, rng, zero=True)
        self.often = nn.Parameter(torch.zeros(self.n_places, BOOK))

    def codes(self, images: Tensor) -> Tensor:
        """Images as codes of their patches, (n, places)."""
        patches = cut(images, self.side)
        return nearest(patches.flatten(0, 1), self.book).view(patches.shape[:2])

    def images(self, codes: Tensor) -> Tensor:
        """Images that codes stand for, none of them hidden."""
        return joined(self.book[codes], self.shape, self.side)

    def forward(self, codes: Tensor, condition: Tensor) -> Tensor:
        """Logits (n, places, book), given the codes that are not hidden."""
        return self._logits(self._sums(codes, condition), slice(None))

    def _sums(self, codes, condition):
        """What the first layer sums up."""
        return self.first(embedding(codes, self.look).flatten(1)) + self.classes(condition)

    def _logits(self, sums, places):
        """Logits at some places."""
        features = leaky_relu(sums, SLOPE)
        features = features + leaky_relu(self.second(features), SLOPE)
        weight = self.back.weight.view(self.n_places, PATCH_WIDTH, -1)[places].flatten(0, 1)
        bias = self.back.bias.view(self.n_places, PATCH_WIDTH)[places].flatten()
        at_place = linear_map(features, weight, bias)
        return self.answer(at_place.view(len(sums), -1, PATCH_WIDTH)) + self.often[places]

    # --- drawing -------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(self, condition: Tensor, rng: torch.Generator, rounds: int) -> Tensor:
        """Images made from nothing: in so many rounds every patch is drawn, and then once more."""
        return torch.cat([self._piece(part, rng, rounds) for part in condition.split(PIECE)])

    def _piece(self, condition, rng, rounds):
        """Images whose patches have one order, a random one."""
        codes = torch.full((len(condition), self.n_places), self.hidden)
        sums = self._sums(codes, condition)
        for time in range(TIMES):
            order = torch.randperm(self.n_places, generator=rng)
            for places in order.tensor_split(max(1, min(rounds, self.n_places))):
                if time:
                    self._put(self.hidden, places, codes, sums)
                logits = self._logits(sums, places)
                noise = torch.empty_like(logits).exponential_(generator=rng)
                self._put((logits - noise.log()).argmax(2), places, codes, sums)
        return self.images(codes)

    def _put(self, new, places, codes, sums):
        """Set codes at some places, and let the first layer's sums know."""
        before = self.look[codes[:, places]]
        codes[:, places] = new
        change = (self.look[codes[:, places]] - before).flatten(1)
        weight = self.first.weight.view(-1, self.n_places, PATCH_WIDTH)[:, places]
        sums += change @ weight.flatten(1).T
