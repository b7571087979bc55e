"""Where the added rows come from: controls, peers and ours, all under one signature.

Each is called as ``make(frame, y, features, total, seed)`` and returns ``(features of the new
rows, their target)``: ``total`` rows, for classes the same number of each.
"""

import numpy as np
from _protocol import dates_as_days, is_classes

from gan_augment import BootstrapGenerator, JitterGenerator, SMOTEGenerator, TabularGAN
from gan_augment.process.state import seeded_globals


def equal_labels(y, total):
    """``total`` labels, as many of each class as of any other, give or take one."""
    return np.sort(np.resize(np.unique(y), total))


def from_generator(make):
    """Rows of one of our generators, ``make(seed)``."""

    def rows(frame, y, features, total, seed):
        kind = "class" if is_classes(y) else "number"
        generator = make(seed).set_params(target=kind).fit(frame, y)
        if is_classes(y):
            new, labels = generator.sample(y=equal_labels(y, total))
        else:
            new, labels = generator.sample(total)
        return features(new), labels

    return rows


def smote(frame, y, features, total, seed):
    """SMOTE among the standardised features; a class of one row is duplicated instead."""
    labels, real = equal_labels(y, total), features(frame)
    alone = np.isin(labels, [c for c in np.unique(y) if (y == c).sum() < 2])
    new = np.empty((len(labels), real.shape[1]))
    for made, part in ((SMOTEGenerator, ~alone), (BootstrapGenerator, alone)):
        if part.any():
            generator = made(random_state=seed).fit(real, y)
            new[part] = generator.sample(y=labels[part])[0]
    return new, labels


def peer(kind, epochs=300):
    """Rows of a peer's synthesizer, fitted on features and target together.

    The peers cannot be asked for a class: a pool is drawn and each class takes its quota from it,
    some rows repeatedly where the pool is short; a class that the pool lacks gets none.
    """

    def rows(frame, y, features, total, seed):
        with seeded_globals(seed):
            pool = _pool(kind, frame, y, total, epochs)
        target = pool.pop("target_")
        if not is_classes(y):
            return features(pool.iloc[:total]), target.iloc[:total].to_numpy(float)
        target, rng = target.astype(int).to_numpy(), np.random.default_rng(seed)
        picked = []
        quotas = zip(*np.unique(equal_labels(y, total), return_counts=True), strict=True)
        for label, quota in quotas:
            found = np.flatnonzero(target == label)
            if len(found):
                picked.append(rng.choice(found, size=quota, replace=len(found) < quota))
        picked = np.concatenate([*picked, np.zeros(0, dtype=int)])
        return features(pool.iloc[picked]), target[picked]

    return rows


def _pool(kind, frame, y, total, epochs):
    table = dates_as_days(frame)
    texts = list(table.select_dtypes(object))
    table[texts] = table[texts].fillna("missing")
    numbers = list(table.select_dtypes("number"))
    table[numbers] = table[numbers].fillna(table[numbers].median())
    table["target_"] = y
    discrete = [*texts, *(["target_"] if is_classes(y) else [])]
    if kind == "GaussianCopula":
        return _copula(table, discrete, 10 * total).replace("missing", None)
    import ctgan

    model = getattr(ctgan, kind)(epochs=epochs)
    model.fit(table, discrete)
    return model.sample(10 * total).replace("missing", None)


def _copula(table, discrete, rows):
    from sdv.metadata import Metadata
    from sdv.single_table import GaussianCopulaSynthesizer

    table = table.astype(dict.fromkeys(discrete, str))
    metadata = Metadata.detect_from_dataframes({"t": table})
    for name in discrete:
        metadata.update_column(table_name="t", column_name=name, sdtype="categorical")
    model = GaussianCopulaSynthesizer(metadata)
    model.fit({"t": table})
    return model.sample(rows)["t"]


def gan(**parameters):
    return from_generator(lambda seed: TabularGAN(random_state=seed, **parameters))


#: What is changed of the learner, not of its rows.
ADJUSTMENTS = ("class weights", "tuned threshold")
METHODS = {
    "none": None,
    "class weights": None,
    "tuned threshold": None,
    "duplicates": from_generator(lambda seed: BootstrapGenerator(random_state=seed)),
    "SMOTE": smote,
    "jitter": from_generator(lambda seed: JitterGenerator(random_state=seed)),
    "prior alone": gan(n_steps=0),
    "TabularGAN": gan(),
    "GAN alone": gan(mixture={"gan": 1}),
    "rows from nothing": gan(locality=0),
    "GaussianCopula": peer("GaussianCopula"),
    "TVAE": peer("TVAE"),
    "CTGAN": peer("CTGAN"),
}
#: Rows of another method with the soft labels of a committee; and the committee itself.
LABELED = {
    "jitter, soft labels": "jitter",
    "prior, soft labels": "prior alone",
    "soft labels": "TabularGAN",
    "GAN, soft labels": "GAN alone",
    "rows from nothing, soft labels": "rows from nothing",
}
COMMITTEE = "committee"
#: What costs nothing, and must be beaten.
FREE = ("none", "class weights", "tuned threshold", "duplicates", "SMOTE", "jitter")
#: Methods that need classes.
CLASSES_ONLY = ("class weights", "tuned threshold", "SMOTE")
#: What is measured unless methods are named; the others train for longer.
CHEAP = (*FREE, "prior alone", "TabularGAN")
