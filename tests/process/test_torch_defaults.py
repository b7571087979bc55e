"""Whatever torch is set to around a fit, the rows are the same and the settings stay."""

import contextlib

import numpy as np
import pytest
import torch
from sklearn.base import clone

from gan_augment import ImageGAN, ImageTransformGenerator, ImageVAE, TabularGAN, load
from gan_augment.process.state import torch_defaults


@contextlib.contextmanager
def double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


SETTINGS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "float64": double,
    "device": lambda: torch.device("meta"),
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
}


def settings():
    return (
        torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_default_dtype(),
        torch.get_default_device(), torch.is_autocast_enabled("cpu"),
    )  # fmt: skip


@pytest.mark.parametrize("around", SETTINGS)
def test_defaults_inside_and_the_settings_of_the_caller_after(around):
    with SETTINGS[around]():
        before = settings()
        with torch_defaults():
            assert settings() == (True, False, torch.float32, torch.device("cpu"), False)
        with pytest.raises(KeyboardInterrupt), torch_defaults():
            raise KeyboardInterrupt
        assert settings() == before


IMAGES = np.random.default_rng(0).random((24, 8, 8)), np.repeat([0, 1], 12)
TABLE = np.random.default_rng(0).normal(size=(40, 3)), np.repeat([0, 1], 20)
GENERATORS = {
    "table": (TabularGAN(mixture={"gan": 1, "borrow": 1}, n_steps=4), TABLE),
    "images": (ImageGAN(mixture={"gan": 1, "morph": 1, "classic": 1}, n_steps=4), IMAGES),
    "classic": (ImageTransformGenerator(), IMAGES),
    "vae": (ImageVAE(n_steps=4), IMAGES),
}


@pytest.mark.parametrize("around", SETTINGS)
@pytest.mark.parametrize("name", GENERATORS)
def test_rows_are_the_same_whatever_torch_is_set_to(name, around, tmp_path):
    generator, data = GENERATORS[name]
    generator.set_params(random_state=0)
    expected = clone(generator).fit(*data).sample(12)[0]
    with SETTINGS[around]():
        made = clone(generator).fit(*data)
        np.testing.assert_array_equal(made.sample(12)[0], expected)
        if name != "classic":
            made.save(tmp_path / "model")
            np.testing.assert_array_equal(load(tmp_path / "model").sample(12)[0], expected)
    np.testing.assert_array_equal(made.sample(12)[0], expected)
