"""
Does augmentation help?
=======================

One small table, two classifiers, and the question whether added rows help them, beside the cheap
ways to add as many.
"""

# %%
# The question
# ------------
# Eighty wines of three growers. Each classifier is cross-validated on the real rows alone and
# with half and twice as many synthetic rows. `compare_augmentations` adds the controls by itself:
# no rows, class weights, a tuned threshold, duplicated rows, SMOTE and noise (jitter).
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment import TabularGAN, compare_augmentations

X, y = load_wine(return_X_y=True, as_frame=True)
X, _, y, _ = train_test_split(X, y, train_size=80, stratify=y, random_state=0)
models = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(n_estimators=50),
}
result = compare_augmentations(
    models,
    X,
    y,
    {"GAN": TabularGAN()},
    n_samples=[0.5, 2.0],
    scoring="balanced_accuracy",
    cv=5,
    random_state=0,
)
print(result.verdict)

# %%
# What the rows change
# --------------------
# Each line is a learner with one kind of added rows; a line that crosses zero could be chance.
result.plot("lift").figure_

# %%
# How many rows
# -------------
# The dashed line is the classifier as it is.
result.plot("amount").figure_

# %%
# The numbers
# -----------
# The probabilities answer what a p-value does not: is it better, is it practically the same?
columns = ["estimator", "augmenter", "n_samples", "difference", "better", "equal", "worse"]
result.summary(detail=True)[[*columns, "decision"]].round(3)

# %%
# ``result.to_html("help.html")`` writes all of it to one page, and
# ``gan-augment compare wine.csv --target grower --report help.html`` does so without Python.
