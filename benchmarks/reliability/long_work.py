"""What is left of a training that is killed, is interrupted or diverges?

    python benchmarks/reliability/long_work.py          # some minutes
    python benchmarks/reliability/long_work.py --quick

*Kills*: a training with ``checkpoint=`` is killed (SIGKILL) at a random moment and started again,
until it has been killed so often; whenever one comes to its end its rows are compared with those
of a training nobody disturbed. *Interrupts*: SIGINT at a random moment; how long until fit is
left, and is the estimator unfitted? *Divergence*: absurd learning rates, data that do not vary.
"""

import argparse
import hashlib
import mmap
import os
import signal
import tempfile
import time
import warnings
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_digits, make_classification  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

from gan_augment import AugmentedClassifier, GANAugmenter, ImageGAN, TabularGAN  # noqa: E402
from gan_augment.exceptions import ModelFileError, TrainingDivergedError  # noqa: E402
from gan_augment.io.serialization import read_bundle  # noqa: E402
from gan_augment.nn.losses import RelativisticLoss  # noqa: E402
from gan_augment.training.config import TrainingConfig  # noqa: E402

SLICE = 10
KILLS, INTERRUPTS = 50, 10


class Counting(RelativisticLoss):
    """Counts steps in memory that the parent process sees."""

    steps = None

    def critic(self, real, fake):
        self.steps[:8] = (int.from_bytes(self.steps[:8], "little") + 1).to_bytes(8, "little")
        return super().critic(real, fake)


def digest(generator):
    return hashlib.sha256(np.ascontiguousarray(generator.sample(200)[0]).tobytes()).digest()


def table(path):
    X, y = load_breast_cancer(return_X_y=True)
    config = TrainingConfig(check_every=SLICE)
    return TabularGAN(
        mixture={"gan": 1}, n_steps=400, config=config, loss=Counting(), random_state=0,
        checkpoint=path,
    ).fit(X, y)  # fmt: skip


def pictures(path):
    digits = load_digits()
    config = TrainingConfig(check_every=SLICE, batch_size=32, hidden_dim=8)
    return ImageGAN(
        mixture={"gan": 1}, n_steps=150, config=config, loss=Counting(), random_state=0,
        checkpoint=path,
    ).fit(digits.images[:200], digits.target[:200])  # fmt: skip


def forked(work):
    """Run ``work()`` in a child process; its answer in bytes comes through the pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        warnings.simplefilter("ignore")
        os.write(writing, work())
    finally:
        os._exit(0)


def answer(child, reading):
    """Return what a child said before its end; nothing if it was killed."""
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def kills(fit, wanted, rng):
    """Return counts of a training that is killed so often."""
    Counting.steps = steps = mmap.mmap(-1, 8)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        undisturbed = answer(*forked(lambda: digest(fit(None))))
        usual = time.monotonic() - started
        found = {"kills": 0, "ends": 0, "identical": 0, "unreadable": 0, "most repeated": 0}
        run = 0
        while found["kills"] < wanted or not found["ends"]:
            path = Path(folder) / f"training{run}"
            kept = _step_of(path)
            before = steps[:8]
            child, reading = forked(lambda path=path: digest(fit(path)))
            if found["kills"] < wanted:
                time.sleep(rng.uniform(0, usual))
                os.kill(child, signal.SIGKILL)
            said = answer(child, reading)
            done = int.from_bytes(steps[:8], "little") - int.from_bytes(before, "little")
            if said:  # it was quicker than the signal
                found["ends"] += 1
                found["identical"] += said == undisturbed
                run += 1
                continue
            found["kills"] += 1
            now = _step_of(path)
            if now is None:
                found["unreadable"] += 1
                break
            found["most repeated"] = max(found["most repeated"], kept + done - now)
    return found


def _step_of(path):
    """Return the step a checkpoint holds, 0 without one and None if it cannot be read."""
    if not path.exists():
        return 0
    try:
        return read_bundle(path)[0]["state"]["step"]
    except ModelFileError:
        return None


def interrupts(name, make, fit, wanted, rng):
    """Return the seconds from SIGINT to the end of fit, and how often it was left unfitted."""

    def work():
        estimator = make()
        try:
            os.write(ready, b"+")
            fit(estimator)
        except KeyboardInterrupt:
            ended = time.monotonic()
            try:
                estimator.predict(None) if hasattr(estimator, "predict") else estimator.sample(1)
            except NotFittedError:
                return f"{ended} unfitted".encode()
            return f"{ended} fitted".encode()
        return b"finished"

    waits, unfitted, usual = [], 0, None
    while len(waits) < wanted:
        waiting, ready = os.pipe()
        child, reading = forked(work)
        os.read(waiting, 1)
        started = time.monotonic()
        if usual is not None:
            time.sleep(rng.uniform(0, usual))
            sent = time.monotonic()
            os.kill(child, signal.SIGINT)
        said = answer(child, reading).decode()
        os.close(waiting), os.close(ready)
        if usual is None:
            usual = time.monotonic() - started
        elif said not in ("", "finished"):
            ended, state = said.split()
            waits.append(float(ended) - sent)
            unfitted += state == "unfitted"
    return {
        "of": name, "interrupts": wanted, "unfitted": unfitted,
        "seconds, median": round(float(np.median(waits)), 3),
        "seconds, most": round(max(waits), 3), "usual fit": round(usual, 1),
    }  # fmt: skip


def interrupted(wanted, rng):
    X, y = make_classification(4000, 20, random_state=0)
    digits = load_digits()
    few = load_breast_cancer(return_X_y=True)
    quick = GANAugmenter(TabularGAN(n_steps=50))
    auto = AugmentedClassifier(LogisticRegression(max_iter=5000), quick, cv=3, random_state=0)
    cases = (
        ("TabularGAN, 4,000 x 20", TabularGAN, lambda g: g.fit(X, y)),
        ("ImageGAN, 500 of 8 x 8", lambda: ImageGAN(mixture={"gan": 1}),
         lambda g: g.fit(digits.images[:500], digits.target[:500])),
        ("AugmentedClassifier, auto, 100 x 30", lambda: auto,
         lambda g: g.fit(few[0][:100], few[1][:100])),
    )  # fmt: skip
    return [interrupts(*case, wanted, rng) for case in cases]


def divergence():
    """Return what comes of trainings that cannot go well."""
    X, y = load_breast_cancer(return_X_y=True)
    digits = load_digits()
    D, t = digits.images[:100], digits.target[:100]
    rows = []
    for rate in (1.0, 1e6, 1e30):
        for name, gan, data in (("table", TabularGAN, (X, y)), ("images", ImageGAN, (D, t))):
            config = TrainingConfig(learning_rate=rate, check_every=SLICE, batch_size=32)
            rows.append((f"{name}, learning rate {rate:g}", gan, config, data))
    config = TrainingConfig(check_every=SLICE, batch_size=32)
    rows.append(("constant table", TabularGAN, config, (np.ones((50, 3)), y[:50])))
    rows.append(("constant images", ImageGAN, config, (np.ones((50, 8, 8)), y[:50])))
    rows.append(("two rows", TabularGAN, config, (X[:2], None)))
    rows.append(("two images", ImageGAN, config, (D[:2], None)))
    return [{"case": name, "outcome": outcome(*rest)} for name, *rest in rows]


def outcome(gan, config, data):
    generator = gan(mixture={"gan": 1}, n_steps=100, config=config, random_state=0)
    try:
        generator.fit(*data)
    except TrainingDivergedError:
        return "TrainingDivergedError"
    except ValueError as error:
        return f"refused: {str(error)[:60]}"
    made = np.asarray(generator.sample(300)[0], dtype=float).reshape(300, -1)
    real = np.asarray(data[0], dtype=float).reshape(len(data[0]), -1)
    if not np.isfinite(made).all():
        return "NOT FINITE"
    varies = real.std(0) > 0
    collapsed = (made.std(0) < 0.01 * real.std(0))[varies]
    if collapsed.mean() > 0.5:
        return f"COLLAPSED in {collapsed.sum()} of {varies.sum()} columns"
    return f"finite rows, {generator.n_restarts_} restarts"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, help="folder for the tables")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    wanted = (2, 1) if options.quick else (KILLS, INTERRUPTS)
    cases = [("table", table)] if options.quick else [("table", table), ("images", pictures)]
    share = wanted[0] // len(cases)
    tables = {"kills": [{"of": name} | kills(fit, share, rng) for name, fit in cases]}
    print(f"Goal: all ends identical, none unreadable, at most {SLICE} steps repeated")
    print(pd.DataFrame(tables["kills"]).to_string(index=False))
    if not options.quick:
        tables["interrupts"] = interrupted(wanted[1], rng)
        print("\nGoal: at most 1 second, always unfitted")
        print(pd.DataFrame(tables["interrupts"]).to_string(index=False))
        tables["divergence"] = divergence()
        print("\nGoal: TrainingDivergedError, a refusal, or finite rows that vary")
        print(pd.DataFrame(tables["divergence"]).to_string(index=False))
    if options.out:
        for name, rows in tables.items():
            pd.DataFrame(rows).to_csv(options.out / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
