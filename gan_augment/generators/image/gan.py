"""ImageGAN: a generative adversarial network for small images, few of them first."""

import numpy as np

from gan_augment.exceptions import InputError
from gan_augment.generators.allocation import draw_members
from gan_augment.generators.base import BaseImageGenerator
from gan_augment.generators.image.transforms import ImageTransformGenerator
from gan_augment.generators.parameters import check_mixture, check_training, refuse
from gan_augment.generators.saving import SaveMixin
from gan_augment.process.callbacks import CallbackSupportMixin, progress_bar, with_callbacks
from gan_augment.process.state import one_fit_at_a_time
from gan_augment.training.processes import current_processes

INGREDIENTS = ("interpolate", "morph", "classic", "gan")
#: Where the smallest class has so many images, the game makes all.
ALONE_IMAGES = 1000
STEPS, MANY_STEPS = 400, 1500
#: Share of the images below which the game is not worth its training.
LEAST_SHARE = 0.01
#: Sides for each pixel that images are shifted by; smaller images are not.
SIDE_OF_A_SHIFT, LEAST_SIDE = 28, 16


class ImageGAN(CallbackSupportMixin, SaveMixin, BaseImageGenerator):
    """Generative adversarial network for images, conditional on the class.

    Images come from four ingredients. Three stand on real images of the class: blends of
    neighbours, *morphs* between them, in which both are moved along smooth flows to the shape
    between them first, and classic small movements. The fourth is a network which learns, against
    a critic, to move and retouch morphs (anchored), or to paint images from noise (free). With few
    images the morphs make nearly all of the result, with many the game makes all of it. See
    :doc:`/images`.

    Parameters
    ----------
    mixture : "auto" or dict of {ingredient: weight}, default="auto"
        Shares of the images from "interpolate", "morph", "classic" and "gan"; those left out get
        none. "auto" gives the game a share that grows with the images of the smallest class, a
        hundredth at 100 images and all from 1,000, and the rest to "morph"; with a `locality` of
        your own, the game makes all images. It is read when images are drawn.
    locality : "auto" or float in [0, 1], default="auto"
        Share of the game's images that are anchored, the rest being free. "auto": all of them
        below 1,000 images of the smallest class, half of them above. Anchored images are close to
        real ones.
    flip : bool, default=False
        Mirror half of the new images, left to right. Leave it out where left and right mean
        something.
    shift : "auto" or int, default="auto"
        Largest shift of new images, in pixels. "auto": one for every 28 pixels of the side, none
        below 16 pixels.
    channels : {"auto", "last", "first"}, default="auto"
        Axis of the channels of a four-dimensional array; "auto" takes the last one if it has one
        to four entries, else the first.
    image_shape : tuple of int, optional
        Shape of one image, where `X` has flat rows of pixels.
    value_range : "auto" or (low, high), default="auto"
        What black and white are, see `ImageCodec`.
    target : {"auto", "class"}, default="auto"
        What `y` is; numbers to predict are refused.
    loss : object, optional
        Adversarial loss, see :mod:`gan_augment.nn.losses`. Default: ``RelativisticLoss`` with a
        penalty of 5, and ``DualCriticsLoss`` for two critics.
    n_critics : {1, 2}, default=1
    n_steps : "auto" or int, default="auto"
        Training steps: 400, or 1,500 from 1,000 images of the smallest class; none where "auto"
        would take less than a hundredth of the images from the game. 0 trains nothing: the
        control for what the game adds.
    time_budget : float, optional
        Seconds of training after which it stops with what it has.
    checkpoint : str or Path, optional
        File in which training keeps its state every ``config.check_every`` steps. A fit of the
        same data, parameters and seed that was killed goes on from there, to the same bytes; the
        file of another one is refused. It holds networks, no rows, and stays when training has
        ended: remove it then. Needs a `random_state`.
    config : TrainingConfig, optional
        Sizes and rates; its ``hidden_dim`` is the number of channels of the first layer. Default:
        64 images a step, 16 channels, learning rate 5e-4.
    device : {"auto", "cpu", "cuda"}, default="auto"
    random_state : None, int, Generator or RandomState
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    container_ : ImageCodec
        Layout, range and dtype that were detected.
    history_ : dict of lists
        Losses and monitors at every check.
    locality_, n_steps_, n_restarts_, shift_ : float, int, int, int
        What was used and done.

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
        mixture="auto",
        locality="auto",
        flip=False,
        shift="auto",
        channels="auto",
        image_shape=None,
        value_range="auto",
        target="auto",
        loss=None,
        n_critics=1,
        n_steps="auto",
        time_budget=None,
        checkpoint=None,
        config=None,
        device="auto",
        random_state=None,
        verbose=0,
    ):
        self.mixture = mixture
        self.locality = locality
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
    def fit(self, X, y=None):
        """Find neighbours and flows, then train.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, pixels)
            Training images, at least two.
        y : array-like of shape (n,), optional
            Class labels.

        Returns
        -------
        self
        """
        self._check_parameters()
        with progress_bar(self, self.verbose and current_processes().is_first):
            return super().fit(X, y)

    def _as_data(self):
        from gan_augment.generators.image.saving import described_image_gan

        return described_image_gan(self)

    def _fit(self, images, values, rng):
        from gan_augment.generators.image.adversarial import train_images
        from gan_augment.generators.image.prior import ImagePrior
        from gan_augment.training.devices import device_named

        groups = self._groups(values, len(images))
        many = self.group_counts_.min() >= ALONE_IMAGES
        local, steps, shift = self.locality, self.n_steps, self.shift
        self.locality_ = (0.5 if many else 1.0) if local == "auto" else float(local)
        rare = isinstance(self.mixture, str) and self._game_share() < LEAST_SHARE
        usual = 0 if rare else MANY_STEPS if many else STEPS
        self.n_steps_ = usual if steps == "auto" else int(steps)
        side = min(images.shape[2:])
        pixels = round(side / SIDE_OF_A_SHIFT) if side >= LEAST_SIDE else 0
        self.shift_ = pixels if shift == "auto" else int(shift)
        if not self._game_share():
            self.n_steps_ = 0  # the gate is shut: no game to play
        self.prior_ = ImagePrior().fit(images, groups, rng, device_named(self.device))
        self.module_, history = train_images(self, images, groups, rng)
        self.history_, self.n_restarts_ = history.records, history.restarts

    def _game_share(self):
        """Share of the images that the game makes, if it was trained."""
        if isinstance(self.mixture, dict):
            return self.mixture.get("gan", 0) / sum(self.mixture.values())
        if not isinstance(self.locality, str):
            return 1.0
        return min(self.group_counts_.min() / ALONE_IMAGES, 1) ** 2

    def shares(self):
        """Return the share of images from each of `INGREDIENTS`, as it is now.

        Returns
        -------
        ndarray of float64 of shape (4,)
        """
        game = self._game_share()
        weights = np.array([0, 1 - game, 0, game])
        if isinstance(self.mixture, dict):
            weights = np.array([float(self.mixture.get(name, 0)) for name in INGREDIENTS])
        if self.module_ is None:
            if isinstance(self.mixture, dict) and not weights[:3].any() and self.n_steps_ == 0:
                refuse("mixture", self.mixture, "other ingredients too, or fit with n_steps > 0")
            weights[3] = 0
            weights[1] += not weights.any()
        return weights / weights.sum()

    def _sample(self, n, codes, rng):
        from gan_augment.generators.image.adversarial import generate_images

        check_mixture(self.mixture, INGREDIENTS)
        groups = self._groups(codes, n)
        shares = self.shares()
        kind = rng.choice(len(INGREDIENTS), size=n, p=shares)
        made = np.empty((n, *self.image_shape_), dtype=np.float32)
        at = np.flatnonzero(kind < 2)
        if len(at):
            made[at] = self.prior_.sample(groups[at], rng, shares[:2], self.shift_)
        at = np.flatnonzero(kind == 2)
        if len(at):
            picked = draw_members(self.prior_.members_, groups[at], rng)
            made[at] = ImageTransformGenerator().moved(self.prior_.images_[picked], rng)
        at = np.flatnonzero(kind == 3)
        if len(at):
            made[at] = generate_images(self, groups[at], rng)
        if self.flip:
            mirrored = rng.random(n) < 0.5
            made[mirrored] = made[mirrored][..., ::-1]
        return made, None

    def sampling_settings(self):
        """Return mixtures the closed loop may try on a fitted generator, by name.

        Returns
        -------
        dict of {str: dict}
            Empty where mixture or locality has been chosen already.
        """
        if not isinstance(self.mixture, str) or not isinstance(self.locality, str):
            return {}
        return {
            "mixed": {"mixture": {"morph": 1, "classic": 1}},
            "classic": {"mixture": {"classic": 1}},
        }

    def _check_parameters(self):
        check_mixture(self.mixture, INGREDIENTS)
        check_training(self)
        whole = isinstance(self.shift, (int, np.integer)) and not isinstance(self.shift, bool)
        auto = isinstance(self.shift, str) and self.shift == "auto"
        if not auto and not (whole and self.shift >= 0):
            refuse("shift", self.shift, '"auto" or a whole number of pixels')
        if not isinstance(self.flip, (bool, np.bool_)):
            refuse("flip", self.flip, "True or False")
        if self.target not in ("auto", "class"):
            raise InputError(
                f"target={self.target!r} cannot be used: images are made for classes, pass "
                "'auto' or 'class'."
            )
