"""What belongs to the whole process, read so that it can be compared."""

import contextlib
import csv
import decimal
import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings

import imblearn.over_sampling  # noqa: F401  what a verb imports first is not the verb's doing
import matplotlib.figure
import numpy as np
import pandas as pd
import PIL.Image
import PIL.ImageFile
import sklearn
import threadpoolctl
import torch


def in_a_new_thread(ask):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    thread.join()
    return answers[0]


def randomness():
    name, key, *rest = np.random.get_state()
    yield "numpy.random", (name, key.tobytes(), *rest)
    yield "random", random.getstate()
    yield "torch random", torch.get_rng_state().numpy().tobytes()


def torch_settings():
    yield "torch threads", torch.get_num_threads()
    yield "torch threads of new threads", in_a_new_thread(torch.get_num_threads)
    yield "torch interop threads", torch.get_num_interop_threads()
    yield "torch dtype", torch.get_default_dtype()
    yield "torch device", str(torch.get_default_device())
    yield "torch grad mode", (torch.is_grad_enabled(), torch.is_inference_mode_enabled())
    yield "torch anomaly mode", torch.is_anomaly_enabled()
    yield "torch determinism", torch.are_deterministic_algorithms_enabled()
    yield "torch precision", torch.get_float32_matmul_precision()
    cudnn = torch.backends.cudnn
    yield "torch cudnn", (cudnn.enabled, cudnn.benchmark, cudnn.deterministic, cudnn.allow_tf32)


def interpreter():
    yield "warnings", (id(warnings.filters), list(warnings.filters), warnings.showwarning)
    yield "signals", {s: signal.getsignal(s) for s in signal.valid_signals()}
    yield "environment", dict(os.environ)
    yield "folder", os.getcwd()
    yield "locale", locale.setlocale(locale.LC_ALL)
    yield "sys.path", (id(sys.path), list(sys.path))
    yield "sys streams", (id(sys.stdout), id(sys.stderr), id(sys.stdin))
    yield "sys hooks", (sys.excepthook, sys.displayhook, threading.excepthook)
    yield "recursion limit", sys.getrecursionlimit()
    yield "garbage collector", (gc.isenabled(), gc.get_threshold())
    yield "decimal", repr(decimal.getcontext())
    yield "csv", csv.field_size_limit()
    yield "logging", {name: _log(name) for name in (None, *logging.root.manager.loggerDict)}
    yield "logging disabled", logging.root.manager.disable


def _log(name):
    logger = logging.getLogger(name)
    return logger.level, list(logger.handlers), list(logger.filters), logger.disabled


def libraries():
    yield "numpy errors", (np.geterr(), np.geterrcall())
    yield "numpy printing", np.get_printoptions()
    yield "pandas options", _flat(pd._config.config._global_config)
    yield "matplotlib", {k: repr(v) for k, v in dict.items(matplotlib.rcParams)}
    yield "sklearn", sklearn.get_config()
    yield "Pillow", (PIL.Image.MAX_IMAGE_PIXELS, PIL.ImageFile.LOAD_TRUNCATED_IMAGES)
    yield (
        "thread pools",
        {p["filepath"]: p["num_threads"] for p in threadpoolctl.threadpool_info()},
    )


def _flat(options, path=()):
    if not isinstance(options, dict):
        return {path: options}
    return {k: v for key, part in options.items() for k, v in _flat(part, (*path, key)).items()}


def snapshot():
    parts = (randomness(), torch_settings(), interpreter(), libraries())
    return {name: value for part in parts for name, value in part}


def changed(before, after):
    """Names of what differs; a logger that is new has been a module's own affair."""
    after["logging"] = {name: after["logging"][name] for name in before["logging"]}
    return [name for name in before if before[name] != after[name]]


@contextlib.contextmanager
def state_is_kept():
    before = snapshot()
    try:
        yield
    finally:
        if names := changed(before, snapshot()):
            raise AssertionError(f"changed: {', '.join(names)}")
