"""
What soft labels do
===================

Two columns, two classes that overlap, forty rows. A labeler says how probable each class is for
every synthetic row, and a decision tree learns from these probabilities as weights.
"""

# %%
# Three trees
# -----------
# The first has the real rows alone, the second synthetic rows with the class that each was made
# for, the third the same rows with soft labels.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from gan_augment import AugmentedClassifier, GANAugmenter, TabularGAN

rng = np.random.default_rng(1)


def crescents(n):
    """Rows of two crescents with noise, and which one each is of."""
    angle, y = rng.uniform(0, np.pi, n), np.arange(n) % 2
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    X[y == 1] = [1.0, 0.4] - X[y == 1]
    return X + rng.normal(scale=0.35, size=X.shape), y


X, y = crescents(40)
tree = DecisionTreeClassifier(min_samples_leaf=3, random_state=0)
prior = GANAugmenter(TabularGAN(n_steps=0))
hard, soft = (
    AugmentedClassifier(tree, prior, n_samples=400, labeler=labeler, random_state=0).fit(X, y)
    for labeler in (None, "committee")
)
models = {"real rows alone": tree.fit(X, y), "labels asked for": hard, "soft labels": soft}

# %%
# What they believe
# -----------------
# The colour is the probability of the red class. Points in the middle and on the right are
# synthetic rows: in one of two colours as they were made, or in as many shades as the committee
# sees. The tree that learns from shades has a border in steps, where the others are sure.
across, up = np.meshgrid(np.linspace(-2, 3, 200), np.linspace(-1.5, 2, 150))
grid = np.column_stack([across.ravel(), up.ravel()])
rows = {
    "labels asked for": hard.augmenter_.set_params(random_state=0).augment(X, y),
    "soft labels": soft.augmenter_.set_params(random_state=0).augment(X, y),
}
figure, axes = plt.subplots(
    1, 3, figsize=(11, 3.6), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, model) in zip(axes, models.items(), strict=True):
    red = model.predict_proba(grid)[:, 1].reshape(across.shape)
    shown = ax.pcolormesh(across, up, red, cmap="RdBu_r", vmin=0, vmax=1, alpha=0.6)
    if name in rows:
        data = rows[name]
        made = data.is_synthetic
        shade = data.y[made] if data.label_proba is None else data.label_proba[made, 1]
        places = data.X[made]
        ax.scatter(*places.T, c=shade, cmap="RdBu_r", vmin=0, vmax=1, s=6, linewidths=0)
    ax.scatter(*X.T, c=y, cmap="RdBu_r", vmin=0, vmax=1, s=28, edgecolors="black")
    ax.set(title=name, xlim=(-2, 3), ylim=(-1.5, 2), xticks=[], yticks=[])
figure.colorbar(shown, ax=axes, label="probability of red")
plt.show()

# %%
# On new rows
# -----------
from sklearn.metrics import log_loss, roc_auc_score

X_new, y_new = crescents(4000)
for name, model in models.items():
    red = model.predict_proba(X_new)[:, 1]
    print(f"{name}: ROC AUC {roc_auc_score(y_new, red):.3f}, log loss {log_loss(y_new, red):.2f}")
