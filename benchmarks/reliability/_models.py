"""Small valid models in files, and what damage does to a file."""

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

from gan_augment import GANAugmenter, ImageGAN, TabularGAN
from gan_augment.training.config import TrainingConfig

DAMAGE = ("cut", "one byte", "twenty bytes", "swapped blocks", "appended")


def mixed_table(n=60, seed=0):
    """A number, an integer, a category with missing cells and dates; and two classes."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "number": rng.normal(size=n),
            "integer": rng.integers(0, 9, n),
            "label": rng.choice(["a", "b", None], n),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, n), "D"),
        }
    )
    return X, rng.choice(["yes", "no"], n)


def table_gan(seed=0):
    """A TabularGAN of a mixed table, hardly trained."""
    config = TrainingConfig(hidden_dim=16, latent_dim=4, batch_size=32)
    return TabularGAN(n_steps=5, config=config, random_state=seed).fit(*mixed_table())


def healthy_models(folder):
    """Save a model of each kind; return {kind: path}."""
    digits = load_digits()
    X, y = digits.images[:40], digits.target[:40] % 2
    made = {
        "table": table_gan(),
        "images": ImageGAN(n_steps=3, random_state=0).fit(X, y),
        "augmenter": GANAugmenter(table_gan(), random_state=0).fit(*mixed_table()),
    }
    for kind, model in made.items():
        model.save(folder / f"{kind}.gan")
    return {kind: folder / f"{kind}.gan" for kind in made}


def damaged(content, kind, rng):
    """Return bytes that differ from ``content`` by damage of this kind."""
    changed, size = bytearray(content), len(content)
    if kind == "cut":
        return content[: rng.integers(size)]
    if kind == "appended":
        return content + rng.bytes(int(rng.integers(1, 200)))
    if kind == "swapped blocks":
        length = int(rng.integers(1, size // 4))
        a, b = sorted(rng.integers(0, size - length, 2).tolist())
        changed[a : a + length], changed[b : b + length] = (
            content[b : b + length],
            content[a : a + length],
        )
    else:
        for at in rng.integers(0, size, 1 if kind == "one byte" else 20):
            changed[at] ^= int(rng.integers(1, 256))
    return damaged(content, kind, rng) if changed == content else bytes(changed)
