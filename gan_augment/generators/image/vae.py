"""ImageVAE: a small convolutional variational auto-encoder, the GAN's peer for images."""

from gan_augment.generators.base import BaseImageGenerator
from gan_augment.generators.parameters import check_steps, refuse
from gan_augment.generators.saving import SaveMixin
from gan_augment.process.callbacks import CallbackSupportMixin, progress_bar, with_callbacks
from gan_augment.process.state import one_fit_at_a_time

STEPS = 1000


class ImageVAE(CallbackSupportMixin, SaveMixin, BaseImageGenerator):
    """Variational auto-encoder for images, conditional on the class.

    Images are decoded from codes drawn from a normal distribution around the codes of the class.
    What they show is smoother than what real images show: the mean over all that a code may stand
    for. It is here as a peer to compare with, see :doc:`/peers`.

    Parameters
    ----------
    channels, image_shape, value_range
        How the images are laid out, see `ImageCodec`.
    target : {"auto", "class"}, default="auto"
        What `y` is; numbers to predict are refused.
    n_steps : "auto" or int, default="auto"
        Training steps; "auto" is 1,000.
    time_budget : float, optional
        Seconds of training after which it stops with what it has.
    config : TrainingConfig, optional
        Sizes and rates; its ``hidden_dim`` is the number of channels of the first layer. Default:
        64 images a step, 32 channels, 8 latent dimensions, learning rate 2e-3.
    device : {"auto", "cpu", "cuda"}, default="auto"
    random_state : None, int, Generator or RandomState
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    container_ : ImageCodec
        Layout, range and dtype that were detected.
    history_ : dict of lists
        ``step``, ``loss`` (nats an image), ``kl``, ``error`` (of a pixel) and ``seconds``.
    n_steps_ : int
    code_means_ : ndarray of float32 of shape (n_classes, latent_dim)
        Mean code of each class.
    code_root_ : ndarray of float32 of shape (latent_dim, latent_dim)
        Root of the covariance of codes within a class.

    Raises
    ------
    InputError
        By ``fit``, before training, if the images, target or a parameter cannot be used.
    TrainingDivergedError
        By ``fit``, if the loss is no longer finite, or codes explode.

    References
    ----------
    D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes", ICLR 2014.
    K. Sohn, H. Lee and X. Yan, "Learning Structured Output Representation using Deep Conditional
    Generative Models", NeurIPS 2015.
    P. Ghosh et al., "From Variational to Deterministic Autoencoders", ICLR 2020: new codes.
    O. Rybkin, K. Daniilidis and S. Levine, "Simple and Effective VAE Training with Calibrated
    Decoders", ICML 2021.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> vae = ImageVAE(n_steps=10, random_state=0).fit(digits.images, digits.target)
    >>> X_new, y_new = vae.sample(y=[3, 7])
    >>> X_new.shape, X_new.dtype, y_new.tolist()
    ((2, 8, 8), dtype('float64'), [3, 7])
    """

    def __init__(
        self,
        *,
        channels="auto",
        image_shape=None,
        value_range="auto",
        target="auto",
        n_steps="auto",
        time_budget=None,
        config=None,
        device="auto",
        random_state=None,
        verbose=0,
    ):
        self.channels = channels
        self.image_shape = image_shape
        self.value_range = value_range
        self.target = target
        self.n_steps = n_steps
        self.time_budget = time_budget
        self.config = config
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @one_fit_at_a_time
    @with_callbacks
    def fit(self, X, y=None):
        """Learn the images.

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
        with progress_bar(self, self.verbose):
            return super().fit(X, y)

    def _as_data(self):
        from gan_augment.generators.image.saving import described_vae

        return described_vae(self)

    def _fit(self, images, values, rng):
        from gan_augment.generators.image.vae_training import train_decoder

        self.n_steps_ = STEPS if isinstance(self.n_steps, str) else int(self.n_steps)
        groups = self._groups(values, len(images))
        self.module_, history = train_decoder(self, images, groups, rng)
        self.history_ = history.records

    def _sample(self, n, codes, rng):
        from gan_augment.generators.image.vae_training import decoded_images

        return decoded_images(self, self._groups(codes, n), rng), None

    def _check_parameters(self):
        check_steps(self)
        if not isinstance(self.n_steps, str) and self.n_steps < 1:
            refuse("n_steps", self.n_steps, "at least 1: what is not trained makes no images")
        if self.target not in ("auto", "class"):
            refuse("target", self.target, '"auto" or "class"')
