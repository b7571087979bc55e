"""A GPU beside one thread of the CPU: milliseconds a step, and what recording a step gains.

    python benchmarks/device.py --out FILE.csv          # the CPU alone where there is no GPU
    python benchmarks/device.py --peers --out FILE.csv  # whole fits, beside CTGAN on that device
    python benchmarks/device.py --compiled              # also a compiled generator
    python benchmarks/device.py --quick

Milliseconds are those between two checks of one training, warm; ``fit`` is a whole fit. Variants
that are no part of the package are tried by the same code: bfloat16 and TF32 for what the networks
compute, and a compiled generator (critics cannot be: their penalty is differentiated twice, which
torch does not compile).
"""

import argparse
import time
import warnings
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace

import _fidelity
import numpy as np
import pandas as pd
import torch
from sklearn.base import clone
from speed import table

import gan_augment.training.loop as loop
from gan_augment import ImageGAN, TabularGAN
from gan_augment.generators.image.adversarial import IMAGE_CONFIG
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import Step


def images(n, side, channels):
    """Blobs of ten kinds on a grey ground, in 0 to 1."""
    rng = np.random.default_rng(0)
    kinds, y = rng.random((10, channels, 2)), np.arange(n) % 10
    places = np.stack(np.meshgrid(*[np.linspace(0, 1, side)] * 2, indexing="ij"), axis=-1)
    centres = kinds[y] + 0.05 * rng.normal(size=(n, channels, 2))
    apart = np.square(places[None, :, :, None] - centres[:, None, None]).sum(-1)
    X = np.exp(-apart / 0.02) + 0.05 * rng.random((n, side, side, channels))
    return np.clip(X if channels > 1 else X[..., 0], 0, 1).astype(np.float32), y


def cases(quick):
    """What is trained: name, data, generator, steps."""
    if quick:
        yield "table 200 x 6", table(200, 6, 3, seed=1), tabular(64), 40
        return
    yield "table 10,000 x 20, batch 256", table(10_000, 20, 5, seed=1), tabular(256), 600
    yield "table 10,000 x 20, batch 2,048", table(10_000, 20, 5, seed=1), tabular(2048), 300
    yield "images 500 of 28 x 28, batch 64", images(500, 28, 1), pictures(64, 16), 300
    yield "images 100 of 64 x 64 x 3, batch 128", images(100, 64, 3), pictures(128, 32), 160


def tabular(batch):
    return TabularGAN(mixture={"gan": 1}, config=TrainingConfig(batch_size=batch), random_state=0)


def pictures(batch, width):
    sizes = vars(IMAGE_CONFIG) | {"batch_size": batch, "hidden_dim": width}
    return ImageGAN(mixture={"gan": 1}, config=TrainingConfig(**sizes), random_state=0)


@contextmanager
def swapped(place, name, value):
    before = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, before)


class Compiled(Step):
    """A step with a compiled generator."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.player.compile()


def variants(quick):
    """Name, device, what is different, and the share of the steps it is given."""
    recorded = "replayed", lambda step, _: nullcontext(step)
    tf32 = lambda: swapped(torch.backends.cuda.matmul, "allow_tf32", True)  # noqa: E731
    bf16 = lambda: torch.autocast("cuda", torch.bfloat16, cache_enabled=False)  # noqa: E731
    yield "CPU, one thread", "cpu", [], 0.1
    if not quick:
        yield "CPU, generator compiled", "cpu", [lambda: swapped(loop, "Step", Compiled)], 0.1
    if not torch.cuda.is_available():
        return
    yield "GPU, step by step", "cuda", [lambda: swapped(loop, *recorded)], 0.5
    yield "GPU, recorded", "cuda", [], 1
    yield "GPU, recorded, TF32", "cuda", [tf32], 1
    yield "GPU, recorded, bfloat16", "cuda", [bf16], 1
    yield "GPU, generator compiled", "cuda", [
        lambda: swapped(loop, *recorded), lambda: swapped(loop, "Step", Compiled)
    ], 0.5  # fmt: skip


def measured(gan, X, y, device, differences, steps):
    """Seconds of a fit, milliseconds of a step, and where the losses ended."""
    config = replace(gan.config, check_every=max(1, steps // 8))
    gan = clone(gan).set_params(device=device, n_steps=steps, config=config)
    with ExitStack() as stack:
        for difference in differences:
            stack.enter_context(difference())
        started = time.perf_counter()
        gan.fit(X, y)
        seconds = time.perf_counter() - started
    history = gan.history_
    each = np.diff(history["seconds"])[1:] / np.diff(history["step"])[1:]
    return {
        "ms a step": float(1e3 * np.median(each)),
        "until first check, s": history["seconds"][0],
        "fit, s": seconds,
        "steps": steps,
        "critic loss": history["critic_loss"][-1],
    }


def peers(quick):
    """Whole fits of the defaults and what they are worth, beside CTGAN's."""
    n = 200 if quick else 10_000
    X, y = table(n, 20, 5, seed=1)
    test, fresh = table(5000, 20, 5, seed=2), table(n, 20, 5, seed=3)
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    for device in devices:
        generator = TabularGAN(device=device, n_steps=20 if quick else "auto", random_state=0)
        yield {"trained": "TabularGAN", "on": device} | whole_fit(generator, X, y, fresh, test)
    if not quick:
        facts = {"trained": "CTGAN", "on": devices[-1]}
        yield facts | whole_fit(CTGANRows(devices[-1]), X, y, fresh, test)


def whole_fit(generator, X, y, fresh, test):
    """Seconds, rows a second, and quality."""
    started = time.perf_counter()
    generator.fit(X, y)
    seconds = time.perf_counter() - started
    generator.sample(100)
    started = time.perf_counter()
    made, labels = generator.sample(len(X))
    rate = len(X) / (time.perf_counter() - started)
    figures = _fidelity.quality(*fresh, made.reset_index(drop=True), labels, *test)
    return {"fit, s": seconds, "rows/s": rate} | {k: float(v) for k, v in figures.items()}


class CTGANRows:
    """CTGAN with its defaults, on a device, behind two methods."""

    def __init__(self, device):
        self.device = device

    def fit(self, X, y):
        from ctgan import CTGAN

        rows = X.assign(target=y.astype(str))
        self.model = CTGAN(enable_gpu=self.device == "cuda")
        self.model.fit(rows, list(rows.select_dtypes(object)))
        return self

    def sample(self, n):
        made = self.model.sample(n)
        return made.drop(columns="target"), made["target"].astype(int).to_numpy()


def show(found):
    print({k: round(v, 3) if isinstance(v, float) else v for k, v in found.items()}, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--compiled", action="store_true", help="also compiled, which is slow")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rows = []
    if options.peers or options.quick:
        for found in peers(options.quick):
            rows.append(found)
            show(found)
    for name, (X, y), gan, steps in () if options.peers else cases(options.quick):
        for variant, device, differences, share in variants(options.quick):
            if "compiled" in variant and not options.compiled:
                continue
            facts = {"trained on": name, "variant": variant}
            try:
                found = measured(gan, X, y, device, differences, int(steps * share))
            except Exception as error:  # a variant that torch cannot do is an answer as well
                found = {"error": f"{type(error).__name__}: {str(error).splitlines()[0]}"}
            rows.append(facts | found)
            show(rows[-1])
    frame = pd.DataFrame(rows)
    if torch.cuda.is_available():
        frame["device"] = torch.cuda.get_device_name()
    if options.out:
        frame.to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
