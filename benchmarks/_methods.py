"""Where the added rows come from: controls, peers and ours, all under one signature.

Each is called as ``make(frame, y, features, total, seed)`` and returns ``(features of the new
rows, their target)``: ``total`` rows, for classes the same number of each.
"""

import numpy as np
from _protocol import dates_as_days

from gan_augment import BootstrapGenerator, SMOTEGenerator, TabularGAN
from gan_augment.process.state import seeded_globals


def equal_labels(y, total):
    """``total`` labels, as many of each class as of any other, give or take one."""
    return np.sort(np.resize(np.unique(y), total))


def proportional_labels(y, total):
    return np.random.default_rng(0).permutation(np.resize(np.sort(y), total))


def is_classes(y):
    return np.asarray(y).dtype.kind in "iu"


def from_generator(make):
    """Rows of one of our generators, ``make(seed)``."""

    def rows(frame, y, features, total, seed):
        generator = make(seed).fit(frame, y)
        if is_classes(y):
            new, labels = generator.sample(y=equal_labels(y, total))
        else:
            new, labels = generator.sample(total)
        return features(new), labels

    return rows


def smote(labels_of):
    """SMOTE among the standardised features; a class of one row is duplicated instead."""

    def rows(frame, y, features, total, seed):
        labels, real = labels_of(y, total), features(frame)
        alone = np.isin(labels, [c for c in np.unique(y) if (y == c).sum() < 2])
        new = np.empty((len(labels), real.shape[1]))
        for made, part in ((SMOTEGenerator, ~alone), (BootstrapGenerator, alone)):
            if part.any():
                generator = made(random_state=seed).fit(real, y)
                new[part] = generator.sample(y=labels[part])[0]
        return new, labels

    return rows


def noise(frame, y, features, total, seed):
    """Real rows with Gaussian noise of a tenth of a standard deviation."""
    rng = np.random.default_rng(seed)
    generator = BootstrapGenerator(random_state=seed).fit(features(frame), y)
    if is_classes(y):
        new, labels = generator.sample(y=equal_labels(y, total))
    else:
        new, labels = generator.sample(total)
    return new + 0.1 * rng.normal(size=new.shape), labels


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


METHODS = {
    "none": None,
    "duplicates": from_generator(lambda seed: BootstrapGenerator(random_state=seed)),
    "SMOTE proportional": smote(proportional_labels),
    "SMOTE": smote(equal_labels),
    "noise": noise,
    "GaussianCopula": peer("GaussianCopula"),
    "TVAE": peer("TVAE"),
    "CTGAN": peer("CTGAN"),
    "prior alone": gan(n_steps=0),
    "TabularGAN": gan(),
    "free": gan(locality=0),
}
#: Methods that need classes.
CLASSES_ONLY = ("SMOTE proportional", "SMOTE")
#: Peers that train for minutes: measured on fewer splits.
SLOW = ("TVAE", "CTGAN")
