"""Text that says the class: new rows have texts of their class only."""

import numpy as np
import pandas as pd

from gan_augment import TabularGAN


def test_a_text_that_decides_the_class_belongs_to_it_in_new_rows(rng):
    y = rng.integers(0, 3, 400)
    text = np.char.add(np.array(["low", "mid", "high"])[y], rng.choice(["-1", "-2"], 400))
    X = pd.DataFrame(
        {"x": y + rng.normal(size=400), "word": text, "free": rng.choice(list("ab"), 400)}
    )
    X.loc[5, "word"] = "low-1"  # whatever the class of this row
    gan = TabularGAN(n_steps=10, random_state=0).fit(X, y)
    new, labels = gan.sample(2000)
    said = new["word"].str.partition("-")[0].map({"low": 0, "mid": 1, "high": 2})
    assert (said == labels).all()
    shares = pd.crosstab(labels, new["free"], normalize="index")["a"]
    assert shares.between(0.3, 0.7).all()  # what says nothing of the class comes with any
