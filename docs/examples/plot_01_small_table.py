"""
Rows for a small table
======================

Seventy wines of three growers, described by thirteen measurements. We fit a GAN, look at the rows
it makes, and ask whether they help a classifier.
"""

# %%
# The table
# ---------
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True, as_frame=True)
X, X_test, y, y_test = train_test_split(X, y, train_size=70, stratify=y, random_state=0)
y.value_counts()

# %%
# Rows like these
# ---------------
# `GANAugmenter.augment` trains a `TabularGAN` and returns the table with new rows after
# the real ones. Here each grower is raised to the number of rows of the most frequent one.
from gan_augment import GANAugmenter

data = GANAugmenter(n_samples="fill", random_state=0).augment(X, y)
print(data)
data.y.value_counts()

# %%
# The new rows have the types and decimals of the real ones.
columns = ["alcohol", "malic_acid", "ash", "magnesium", "flavanoids", "proline"]
data.X.loc[data.is_synthetic, columns].head()

# %%
# Two of the columns, real rows as circles and as many synthetic ones as crosses.
import matplotlib.pyplot as plt

data = GANAugmenter(n_samples=1.0, random_state=0).augment(X, y)
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for synthetic, marker in ((False, "o"), (True, "x")):
    rows = data.is_synthetic == synthetic
    for grower in range(3):
        chosen = rows & (data.y == grower)
        axes.scatter(
            data.X.loc[chosen, "flavanoids"],
            data.X.loc[chosen, "color_intensity"],
            marker=marker,
            color=f"C{grower}",
            s=25,
            label=f"grower {grower}, {'synthetic' if synthetic else 'real'}",
        )
axes.set(xlabel="flavanoids", ylabel="colour intensity")
axes.legend(fontsize="small", ncols=2)

# %%
# Do they help?
# -------------
# The same forest, the same folds, with and without rows, and beside the cheap ways to more rows.
# One table and five folds show no more than a tendency: read the spread before the mean.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

from gan_augment import AugmentedClassifier, BootstrapGenerator, SMOTEGenerator, TabularGAN

forest = RandomForestClassifier(random_state=0)
scores = {"real rows only": cross_val_score(forest, X, y, cv=5)}
for name, generator in {
    "GAN": TabularGAN(),
    "SMOTE": SMOTEGenerator(),
    "duplicated rows": BootstrapGenerator(),
}.items():
    model = AugmentedClassifier(forest, GANAugmenter(generator, random_state=0), n_samples=1.0)
    scores[name] = cross_val_score(model, X, y, cv=5)
pd.DataFrame(scores).agg(["mean", "std"]).T.round(3)
