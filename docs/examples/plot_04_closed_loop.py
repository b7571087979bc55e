"""
Add rows only where they help
=============================

The default of `AugmentedClassifier` measures on inner folds which of several ways of adding rows
helps its model, beside none and what is free, and says what it chose and why.
"""

# %%
# Few rows, many columns
# ----------------------
# Fifty patients, thirty measurements each.
from sklearn.datasets import load_breast_cancer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment import AugmentedClassifier

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
few, rest = X.sample(50, random_state=0).index, X.index
rest = rest.difference(few)
neighbours = make_pipeline(StandardScaler(), KNeighborsClassifier())
model = AugmentedClassifier(neighbours, cv=4, random_state=0)
model.fit(X.loc[few], y.loc[few])
print(model.decision_)

# %%
# Everything that was tried
# -------------------------
# By score, with 95 % intervals: ways of adding rows, and in grey what is free.
model.search_.plot().figure_

# %%
model.search_results_[["scorer", "candidate", "difference", "low", "high", "p_gain"]].round(3)

# %%
# Was it right?
# -------------
# The other patients tell. In real life they are not there, which is why the inner folds have to.
from sklearn.metrics import log_loss, roc_auc_score

plain = neighbours.fit(X.loc[few], y.loc[few])
for name, fitted in (("real rows only", plain), ("chosen", model)):
    benign = fitted.predict_proba(X.loc[rest])[:, 1]
    area, loss = (score(y.loc[rest], benign) for score in (roc_auc_score, log_loss))
    print(f"{name}: area under the curve {area:.3f}, log loss {loss:.3f}")
