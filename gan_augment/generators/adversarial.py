"""What the adversarial generators share: rows drawn by class, and how a training is run."""

from contextlib import nullcontext

import torch

from gan_augment.exceptions import InputError
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.process.callbacks import reported_slices
from gan_augment.training.checkpoint import Checkpoint, fingerprint
from gan_augment.training.loop import train_gan
from gan_augment.training.processes import current_processes


class ClassIndex:
    """Draws row numbers of given classes, uniformly within a class, by the class of each row."""

    def __init__(self, codes, n_classes):
        self.order = torch.argsort(codes, stable=True)
        self.sizes = torch.bincount(codes, minlength=n_classes)
        self.starts = torch.cumsum(self.sizes, 0) - self.sizes

    def draw(self, codes, rng):
        return self.at(codes, torch.rand(len(codes), generator=rng, device=codes.device))

    def at(self, codes, share):
        """Rows of given classes, each so far on in its class, 0 to below 1."""
        within = (share * self.sizes[codes]).long().clamp(max=self.sizes[codes] - 1)
        return self.order[self.starts[codes] + within]


def default_loss(n_critics, **options):
    """Return the loss for so many critics, where the caller names none."""
    return (DualCriticsLoss if n_critics == 2 else RelativisticLoss)(**options)


def train_adversarially(estimator, task, generator, critics, loss, config, rng):
    """Train a generator as the parameters of an estimator ask, which reports its progress.

    The task's ``data()`` are the tensors that tell this training's rows from others; `rng` is the
    source of all randomness of the training. Returned are the averaged network, on the CPU and
    done with training, and its history.
    """
    processes, n_steps, checkpoint = current_processes(), estimator.n_steps_, None
    if estimator.checkpoint is not None or processes.size > 1:
        networks = [p for network in (generator, *critics) for p in network.state_dict().values()]
        budget, locality = estimator.time_budget, estimator.locality_
        settings = config, loss, n_steps, budget, locality, rng.device.type
        # the first networks and the generator's state depend on the seed
        mark = fingerprint(*task.data(), *networks, rng.get_state(), *settings)
        if not processes.all_equal(mark):
            raise InputError(
                f"The {processes.size} processes of this training were given different data, "
                "parameters or random_state",
                remedy="pass the same to all, also the same versions of numpy and torch",
            )
    if estimator.checkpoint is not None:
        checkpoint = Checkpoint(estimator.checkpoint, mark, processes)
    left = n_steps if checkpoint is None else checkpoint.steps_left(n_steps)
    if 0 < left < n_steps:
        task.skip_to(n_steps - left)
    n_checks = -(-left // config.check_every)
    with reported_slices(estimator, n_checks) if processes.is_first else nullcontext() as report:
        averaged, history = train_gan(
            task,
            generator,
            critics,
            loss,
            config,
            n_steps=n_steps,
            rng=rng,
            time_budget=estimator.time_budget,
            on_check=report,
            checkpoint=checkpoint,
            processes=processes,
        )
    return averaged.cpu().requires_grad_(False), history
