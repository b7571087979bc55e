"""No awkward input may reach the training it should have been spared."""

import pytest

from gan_augment import BootstrapGenerator, ImageGAN, ImageTransformGenerator, TabularGAN


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    """Fail a test that reaches the training it should have been spared."""

    def reached(*args, **kwargs):
        raise AssertionError("training was reached")

    monkeypatch.setattr(TabularGAN, "_train", reached)
    monkeypatch.setattr(ImageGAN, "_train", reached)
    monkeypatch.setattr(BootstrapGenerator, "_fit", reached)
    monkeypatch.setattr(ImageTransformGenerator, "_fit", reached)
