"""ImageGAN: a generative adversarial network for small images, few of them first.

How it learns: :meth:`ImageGAN._fit` and ``_train`` below, the batches and networks in
:mod:`gan_augment.generators.image.adversarial`, and in :mod:`gan_augment.generators.image.patches`
where it completes patches, the images it starts from in
:mod:`gan_augment.generators.image.prior`, the steps in :mod:`gan_augment.training.loop`.
"""

from __future__ import annotations

from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseImageGenerator, as_count
from gan_augment.generators.image.saving import SaveImageGANMixin
from gan_augment.generators.image.transforms import moved_images
from gan_augment.generators.parameters import (
    check_flag,
    check_mixture,
    check_rounds,
    check_run,
    check_training,
    is_auto,
    is_whole_number,
    refuse,
)
from gan_augment.process.callbacks import CallbackSupportMixin, progress_bar, with_callbacks
from gan_augment.process.randomness import Seed, as_rng
from gan_augment.process.state import one_fit_at_a_time
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import current_processes

INGREDIENTS = ("interpolate", "morph", "classic", "gan")
#: Where the smallest class has so many images, the network makes all.
ALONE_IMAGES = 1000
STEPS, MANY_STEPS = 400, 1500
#: The same of many images where all are free, and the rounds in which these are completed.
MANY_FREE_STEPS, AUTO_ROUNDS = 800, 16
#: Share of the images below which the network is not worth its training.
LEAST_SHARE = 0.01
#: Starting images of a training: so many for each real one, within these bounds.
STARTS_OF_EACH, FEWEST_STARTS, MOST_STARTS = 4, 1000, 4000
#: Sides for each pixel that images are shifted by; smaller images are not.
SIDE_OF_A_SHIFT, LEAST_SIDE = 28, 16


class ImageGAN(CallbackSupportMixin, SaveImageGANMixin, BaseImageGenerator):
    """Generative adversarial network for images, conditional on the class.

    Images come from four ingredients. Three stand on real images of the class: blends of
    neighbours, *morphs* between them, in which both are moved along smooth flows to the shape
    between them first, and classic small movements. The fourth is a network which learns, against
    a critic, to move and retouch morphs (anchored), or to paint images from noise (free); or,
    for free images of many real ones, to complete images of which patches are hidden. With few
    images nearly all of the result are morphs, with many the network makes all of it. See
    :doc:`/images`.

    Parameters
    ----------
    mixture : "auto" or dict of {ingredient: weight}, default="auto"
        Shares of the images from "interpolate", "morph", "classic" and "gan"; those left out get
        none. "auto" gives "gan" a share that grows with the images of the smallest class, a
        hundredth at 100 images and all from 1,000, and the rest to "morph"; with a `locality` of
        your own, the network makes all images. It is read when images are drawn.
    locality : "auto" or float in [0, 1], default="auto"
        Share of the network's images that are anchored, the rest being free. "auto": all of them
        below 1,000 images of the smallest class, half of them above. Anchored images are close to
        real ones. At 0, all stand on no real image; from 1,000 images of the smallest class on
        the network learns to complete images of which patches are hidden, and makes new ones from
        nothing, unless a `loss` or two critics are asked for.
    rounds : "auto" or int, default="auto"
        Rounds in which such an image is completed: in each an equal part of its patches is drawn,
        given all that are known by then, and each patch is drawn twice. "auto" is 16. It is read
        when images are drawn.
    flip : bool, default=False
        Mirror half of the new images, left to right. Leave it out where left and right mean
        something.
    shift : "auto" or int, default="auto"
        Largest shift of new images, in pixels. "auto": one for every 28 pixels of the side, none
        below 16 pixels.
    channels, image_shape, value_range
        How the images are laid out, see `ImageCodec`.
    target : {"auto", "class"}, default="auto"
        What `y` is; numbers to predict are refused.
    n_steps : "auto" or int, default="auto"
        Training steps: 400, or 1,500 from 1,000 images of the smallest class (800 where all are
        free); none where "auto" would take less than a hundredth of the images from
        the network. 0 trains nothing: the control for what the network adds.
    loss : object, optional
        As for `TabularGAN`, with a penalty of 5 by default.
    config : TrainingConfig, optional
        Sizes and rates; its ``hidden_dim`` is the number of channels of the first layer. Default:
        64 images a step, 16 channels, learning rate 5e-4, or 2e-3 where `locality` is 0; a network
        that completes patches is 512 wide.
    n_critics, time_budget, checkpoint, device, random_state, verbose
        As for `TabularGAN`.

    Attributes
    ----------
    container_ : ImageCodec
        Layout, range and dtype that were detected.
    history_ : dict of lists
        Losses and monitors at every check.
    locality_, n_steps_, n_restarts_, shift_ : float, int, int, int
        What was used and done.
    completes_ : bool
        Whether the network completes patches, and has no critic.

    Raises
    ------
    InputError
        By ``fit``, before training, if the images, target or a parameter cannot be used.
    TrainingDivergedError
        By ``fit``, if training collapses and three restarts do not help.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> X, y = digits.images[:100], digits.target[:100]
    >>> gan = ImageGAN(n_steps=5, random_state=0).fit(X, y)
    >>> X_new, y_new = gan.sample(y=[0, 7])
    >>> X_new.shape, y_new.tolist(), gan.container_.value_range_
    ((2, 8, 8), [0, 7], (0.0, 16.0))
    """

    def __init__(
        self,
        *,
        mixture: str | dict[str, float] = "auto",
        locality: str | float = "auto",
        rounds: str | int = "auto",
        flip: bool = False,
        shift: str | int = "auto",
        channels: str = "auto",
        image_shape: tuple[int, ...] | None = None,
        value_range: str | tuple[float, float] = "auto",
        target: str = "auto",
        loss: Any = None,
        n_critics: int = 1,
        n_steps: str | int = "auto",
        time_budget: float | None = None,
        checkpoint: str | PathLike | None = None,
        config: TrainingConfig | None = None,
        device: str = "auto",
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.mixture = mixture
        self.locality = locality
        self.rounds = rounds
        self.flip = flip
        self.shift = shift
        self.channels = channels
        self.image_shape = image_shape
        self.value_range = value_range
        self.target = target
        self.loss = loss
        self.n_critics = n_critics
        self.n_steps = n_steps
        self.time_budget = time_budget
        self.checkpoint = checkpoint
        self.config = config
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @one_fit_at_a_time
    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> Self:
        check_run(self)
        with progress_bar(self, self.verbose and current_processes().is_first):
            return super().fit(X, y)

    def _fit(self, images, values, rng):
        from gan_augment.generators.image.prior import ImagePrior
        from gan_augment.training.devices import device_named

        groups = self._groups(values, len(images))
        many = self.group_counts_.min() >= ALONE_IMAGES
        self.locality_ = (0.5 if many else 1.0) if is_auto(self.locality) else float(self.locality)
        completes = many and self.locality_ == 0 and self.loss is None and self.n_critics == 1
        self.completes_ = bool(completes)
        self.n_steps_ = self._steps(many)
        side = min(images.shape[2:])
        pixels = round(side / SIDE_OF_A_SHIFT) if side >= LEAST_SIDE else 0
        self.shift_ = pixels if is_auto(self.shift) else int(self.shift)
        moved = self.locality_ > 0  # free images stand on no other
        self.prior_ = ImagePrior().fit(images, groups, rng, device_named(self.device), moved)
        self.module_, self.history_, self.n_restarts_ = self._train(images, groups, rng)

    def _steps(self, many):
        """Return how many steps to train: none where no image would come from the network."""
        share = self._gan_share()
        if not share:
            return 0
        if not is_auto(self.n_steps):
            return int(self.n_steps)
        if is_auto(self.mixture) and share < LEAST_SHARE:
            return 0
        if many:
            return MANY_STEPS if self.locality_ else MANY_FREE_STEPS
        return STEPS

    def _train(self, images, groups, rng):
        """Train the network; return it or None, its history and the number of restarts."""
        import torch

        from gan_augment.generators.adversarial import default_loss, train_adversarially
        from gan_augment.generators.image import adversarial
        from gan_augment.process.state import torch_defaults
        from gan_augment.training.devices import device_named, private_generator

        if self.n_steps_ == 0 or not adversarial.vary_within(images, self.prior_.members_):
            return None, {}, 0
        device, config = device_named(self.device), self._training_config()
        weights_rng, n_groups = private_generator(rng), len(self.group_counts_)
        n_starts = min(max(STARTS_OF_EACH * len(images), FEWEST_STARTS), MOST_STARTS)
        n_starts *= self.locality_ > 0
        start_groups = np.resize(np.arange(n_groups), n_starts)
        starts = self.prior_.sample(start_groups, rng)
        draws = private_generator(rng, device)
        with torch_defaults():
            if self.completes_:
                return self._train_patches(images, groups, config, weights_rng, draws)
            task = adversarial.ImageTask(
                torch.from_numpy(images).to(device).mul(2).sub(1),
                torch.from_numpy(groups).to(device),
                torch.from_numpy(starts).to(device).mul(2).sub(1),
                torch.from_numpy(start_groups).to(device),
                n_groups=n_groups,
                locality=self.locality_,
                batch_size=config.batch_size,
                rng=draws,
            )
            generator = self._new_network(weights_rng).to(device)
            critics = adversarial.new_critics(
                self.n_critics, self.image_shape_, n_groups, config, weights_rng, draws
            )
            critics = [critic.to(device) for critic in critics]
            loss = self.loss or default_loss(self.n_critics, gamma=adversarial.GAMMA)
            module, history = train_adversarially(
                self, task, generator, critics, loss, config, draws
            )
        return module, history.records, history.restarts

    def _train_patches(self, images, groups, config, weights_rng, draws):
        """Train the network that completes patches, which has no critic."""
        import torch

        from gan_augment.generators.adversarial import train_adversarially
        from gan_augment.generators.image.patches import PatchTask, learn_book

        network = self._new_network(weights_rng).to(draws.device)
        codes = learn_book(network, torch.from_numpy(images).to(draws.device), draws)
        task = PatchTask(
            codes,
            torch.from_numpy(groups).to(draws.device),
            n_groups=len(self.group_counts_),
            batch_size=config.batch_size,
            rng=draws,
        )
        module, history = train_adversarially(self, task, network, [], None, config, draws)
        return module, history.records, history.restarts

    def _new_network(self, rng):
        """Return an untrained network for the images seen."""
        from gan_augment.generators.image.adversarial import new_generator
        from gan_augment.generators.image.patches import new_completion

        new = new_completion if self.completes_ else new_generator
        return new(self.image_shape_, len(self.group_counts_), self._training_config(), rng)

    def _training_config(self):
        from gan_augment.generators.image.adversarial import FREE_CONFIG, IMAGE_CONFIG
        from gan_augment.generators.image.patches import PATCH_CONFIG

        usual = IMAGE_CONFIG if self.locality_ else FREE_CONFIG
        return self.config or (PATCH_CONFIG if self.completes_ else usual)

    def _gan_share(self):
        """Share of the images that the network makes, if it was trained."""
        if isinstance(self.mixture, dict):
            return self.mixture.get("gan", 0) / sum(self.mixture.values())
        if not is_auto(self.locality):
            return 1.0
        return min(self.group_counts_.min() / ALONE_IMAGES, 1) ** 2

    def shares(self) -> np.ndarray:
        """Return the share of images from each of `INGREDIENTS`, as it is now.

        Returns
        -------
        ndarray of float64 of shape (4,)
        """
        share = self._gan_share()
        weights = np.array([0, 1 - share, 0, share])
        if isinstance(self.mixture, dict):
            weights = np.array([float(self.mixture.get(name, 0)) for name in INGREDIENTS])
        if self.module_ is None:
            if isinstance(self.mixture, dict) and not weights[:3].any() and self.n_steps_ == 0:
                refuse("mixture", self.mixture, "other ingredients too, or fit with n_steps > 0")
            weights[3] = 0
            weights[1] += not weights.any()
        return weights / weights.sum()

    def _sample(self, n, codes, rng):
        self._check_parameters()  # they may have been set after fit
        groups = self._groups(codes, n)
        shares = self.shares()
        kind = rng.choice(len(INGREDIENTS), size=n, p=shares)
        made = np.empty((n, *self.image_shape_), dtype=np.float32)
        at = np.flatnonzero(kind < 2)
        if len(at):
            made[at] = self.prior_.sample(groups[at], rng, shares[:2], self.shift_)
        at = np.flatnonzero(kind == 2)
        if len(at):
            made[at] = moved_images(self.prior_.real(groups[at], rng), rng)
        at = np.flatnonzero(kind == 3)
        if len(at):
            made[at] = self._generate(groups[at], rng)
        return self._mirrored(made, rng), None

    def _mirrored(self, images, rng):
        """Mirror half of the images in place, if that was asked for."""
        if self.flip:
            half = rng.random(len(images)) < 0.5
            images[half] = images[half][..., ::-1]
        return images

    def sample_between(
        self, n_samples: int, *, random_state: Seed = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Make images between two classes, and say how much of each is of either.

        Two images of different classes are each moved along a smooth flow to a shape between them
        and blended, as the morphs of `sample` are within a class. So a network of few images
        learns how classes change into each other; see :doc:`/images`.

        Parameters
        ----------
        n_samples : int
            How many. Each takes two registrations, some 3 ms of 28 x 28 pixels.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`.

        Returns
        -------
        X : ndarray
            Images of the layout and dtype that were passed to `fit`.
        label_proba : ndarray of shape (n_samples, n_classes)
            The share of each class, in the order of `classes_`: two of them in a row.

        Raises
        ------
        InputError
            If there are no two classes to lie between.
        sklearn.exceptions.NotFittedError
            If `fit` has not been called.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> digits = load_digits()
        >>> gan = ImageGAN(n_steps=0, random_state=0).fit(digits.images[:50], digits.target[:50])
        >>> X_new, label_proba = gan.sample_between(4)
        >>> X_new.shape, label_proba.shape, (label_proba > 0).sum(axis=1).tolist()
        ((4, 8, 8), (4, 10), [2, 2, 2, 2])
        """
        check_is_fitted(self, "target_")
        n = as_count(n_samples, "n_samples")
        if len(self.group_counts_) < 2:
            raise InputError(
                "are of one class, and no image lies between two",
                argument="the training images",
                remedy="fit to images of two classes at least, with their labels as y",
            )
        rng = as_rng(self.random_state if random_state is None else random_state)
        images, shares = self.prior_.between(max(n, 1), rng, self.shift_)
        self._check_rows(self._mirrored(images, rng), len(images))
        return self.container_.restore(images[:n]), shares[:n]

    def _generate(self, groups, rng):
        """Return images that the network makes, float32 of shape (n, c, h, w) in 0 to 1."""
        import torch

        from gan_augment.generators.image.adversarial import SAMPLE_CHUNK
        from gan_augment.process.state import torch_defaults
        from gan_augment.training.devices import private_generator

        draws, n_groups = private_generator(rng), len(self.group_counts_)
        made = np.empty((len(groups), *self.image_shape_), dtype=np.float32)
        with torch_defaults(), torch.no_grad():
            if self.completes_:
                of_group = torch.nn.functional.one_hot(torch.from_numpy(groups), n_groups)
                return self.module_.sample(of_group.float(), draws, self._rounds()).numpy()
            for rows in gen_batches(len(groups), SAMPLE_CHUNK):
                part = groups[rows]
                start = torch.zeros(len(part), 0)
                if self.locality_:
                    start = torch.from_numpy(self.prior_.sample(part, rng)).mul(2).sub(1)
                free = (torch.rand(len(part), generator=draws) >= self.locality_).float()
                noise = torch.randn(len(part), self.module_.latent_dim, generator=draws)
                condition = torch.nn.functional.one_hot(torch.from_numpy(part), n_groups).float()
                images = self.module_(start, free, condition, noise).add(1).div(2)
                made[rows] = images.numpy()
        return made

    def _rounds(self):
        return AUTO_ROUNDS if is_auto(self.rounds) else self.rounds

    def sampling_settings(self) -> dict[str, dict[str, Any]]:
        """Return mixtures the closed loop may try on a fitted generator, by name.

        Returns
        -------
        dict of {str: dict}
            Empty where mixture or locality has been chosen already.
        """
        if not is_auto(self.mixture) or not is_auto(self.locality):
            return {}
        return {
            "mixed": {"mixture": {"morph": 1, "classic": 1}},
            "classic": {"mixture": {"classic": 1}},
        }

    def _check_parameters(self):
        check_mixture(self.mixture, INGREDIENTS)
        check_training(self)
        check_rounds(self.rounds)
        if not is_auto(self.shift) and not (is_whole_number(self.shift) and self.shift >= 0):
            refuse("shift", self.shift, '"auto" or a whole number of pixels')
        check_flag("flip", self.flip)
        self._check_target()
