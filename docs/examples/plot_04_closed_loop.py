"""
Add rows only where they help
=============================

The default of `AugmentedClassifier` measures on inner folds which of several ways of adding rows
helps its model, adding none among them, and says what it chose and why.
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
model = AugmentedClassifier(neighbours, scoring="balanced_accuracy", cv=4, random_state=0)
model.fit(X.loc[few], y.loc[few])
print(model.decision_)

# %%
# Everything that was tried
# -------------------------
# Grey is what the inner folds measured, with its interval; the diamonds are what to expect once it
# is taken into account how added rows did on other tables of this size.
model.search_.plot().figure_

# %%
model.search_results_[["candidate", "difference", "low", "high", "expected", "p_helps"]].round(3)

# %%
# Was it right?
# -------------
# The other patients tell. In real life they are not there, which is why the inner folds have to.
from sklearn.metrics import balanced_accuracy_score

plain = neighbours.fit(X.loc[few], y.loc[few])
for name, fitted in (("real rows only", plain), ("chosen", model)):
    print(name, round(balanced_accuracy_score(y.loc[rest], fitted.predict(X.loc[rest])), 3))
