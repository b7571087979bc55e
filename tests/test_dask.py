"""Folds, candidates and partitions on a Dask cluster: what one process would have given.

A real cluster of worker processes on this machine; in the middle of each job one of them is
killed, as the system does to a process that takes too much memory.
"""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from gan_augment import (
    AugmentedClassifier,
    GANAugmenter,
    TabularGAN,
    compare_augmentations,
    sample_to_parquet,
)

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills a process by a signal")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """More workers than are killed: one that was does not always come back under load."""
    settings = {"distributed.scheduler.allowed-failures": 10}
    folder = str(tmp_path_factory.mktemp("workers"))
    import dask

    with dask.config.set(settings), distributed.LocalCluster(
        n_workers=4, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=folder, silence_logs="CRITICAL",
    ) as cluster, distributed.Client(cluster) as client:  # fmt: skip
        yield client


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    X = pd.DataFrame(rng.normal(size=(80, 3)) + y[:, None], columns=list("abc"))
    return X, pd.Series(np.where(y, "yes", "no"), name="y")


class Killer:
    """While it is open, kill one worker as soon as it has work."""

    def __init__(self, client):
        self.client, self.killed, self.open = client, None, True
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        pids = self.client.run(os.getpid)
        while self.open and self.killed is None:
            for worker, tasks in self.client.processing().items():
                if tasks and worker in pids:
                    os.kill(pids[worker], signal.SIGKILL)
                    self.killed = pids[worker]
                    return
            time.sleep(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.open = False
        self.thread.join()


def on_dask(client, work):
    """What `work` returns, of which a worker's part was lost on the way."""
    client.wait_for_workers(2, timeout=120)
    with Killer(client) as killer, joblib.parallel_config("dask", n_jobs=-1):
        made = work()
    assert killer.killed is not None
    with pytest.raises(ProcessLookupError):
        os.kill(killer.killed, 0)
    return made


def without_times(frame):
    return frame.drop(columns=[name for name in frame if "seconds" in name])


def test_a_comparison_survives_a_killed_worker(client, table):
    def work():
        ways = {"gan": GANAugmenter(TabularGAN(n_steps=3))}
        options = {"cv": 2, "random_state": 0}
        return compare_augmentations(LogisticRegression(), *table, ways, **options).to_frame()

    found, wanted = on_dask(client, work), work()
    pd.testing.assert_frame_equal(without_times(found), without_times(wanted), check_exact=True)


def test_the_closed_loop_survives_a_killed_worker(client, table):
    def work():
        augmenter = GANAugmenter(TabularGAN(n_steps=3))
        options = {"labeler": LogisticRegression(), "cv": 2, "random_state": 0}
        model = AugmentedClassifier(LogisticRegression(), augmenter, **options).fit(*table)
        return model.search_results_, model.predict_proba(table[0])

    (found, scores), (wanted, others) = on_dask(client, work), work()
    pd.testing.assert_frame_equal(without_times(found), without_times(wanted), check_exact=True)
    assert np.array_equal(scores, others)


def test_partitions_survive_a_killed_worker(client, table, tmp_path):
    gan = TabularGAN(n_steps=3, random_state=0).fit(*table)

    def work(folder):
        options = {"rows_per_partition": 3000, "random_state": 5}
        paths = sample_to_parquet(gan, 20_000, tmp_path / folder, **options)
        return [path.read_bytes() for path in paths]

    assert on_dask(client, lambda: work("dask")) == work("serial")
    assert sorted(os.listdir(tmp_path / "dask")) == sorted(os.listdir(tmp_path / "serial"))
