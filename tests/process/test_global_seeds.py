import random
import threading
import warnings

import numpy as np
import pytest
import torch

from gan_augment.process.state import seeded_globals


def draws():
    return random.random(), np.random.rand(), torch.rand(1).item()


def states():
    numpy_state = np.random.get_state()
    return random.getstate(), numpy_state[1].tolist(), torch.random.get_rng_state().tolist()


@pytest.mark.parametrize("fails", [False, True])
def test_all_is_put_back_also_after_an_error(fails):
    before, filters = states(), warnings.filters[:]
    try:
        with seeded_globals(1):
            draws()
            warnings.simplefilter("ignore")
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert states() == before and warnings.filters == filters


def test_the_seed_alone_decides_what_is_drawn():
    found = []
    for seed in (3, 3, 4):
        with seeded_globals(seed):
            found.append(draws())
    assert found[0] == found[1]
    assert all(a != b for a, b in zip(found[0], found[2], strict=True))


def test_threads_wait_for_each_other():
    found, barrier = {}, threading.Barrier(4)

    def work(seed):
        barrier.wait()
        with seeded_globals(seed):
            found[seed] = [draws() for _ in range(200)]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, drawn in found.items():
        with seeded_globals(seed):
            assert [draws() for _ in range(200)] == drawn
