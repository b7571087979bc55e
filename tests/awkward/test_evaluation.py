"""Awkward inputs of the evaluation are refused in one sentence before any training."""

import numpy as np
import pytest
from refusals import CLASSIFIER, IMAGES, REGRESSOR, X, Y, refused, with_pixel

from gan_augment import (
    compare_augmentations,
    quality_report,
)

NEAR = X.assign(a=X["a"] + 0.01)
TARGETED = X.assign(y=Y)


def compare(X=X, y=Y, estimators=CLASSIFIER, augmenters=None, **given):
    return compare_augmentations(estimators, X, y, augmenters, random_state=0, **given)


EVALUATION = {
    "another_column": (
        lambda: quality_report(X, NEAR.rename(columns={"a": "z"})),
        r"synthetic lacks \['a'\] and has \['z'\] besides.*: pass tables with the same columns",
    ),
    "a_column_less": (
        lambda: quality_report(X, NEAR[["a", "b"]]), r"synthetic lacks \['k'\].*: pass tables"
    ),
    "another_width": (
        lambda: quality_report(np.ones((30, 3)), np.ones((30, 2))), r"synthetic lacks \[2\].*pass"
    ),
    "empty": (
        lambda: quality_report(X, NEAR[:0]), r"synthetic is empty.*\(0, 3\).*Pass at least one row"
    ),
    "one_row": (
        lambda: quality_report(X, NEAR[:1]), r"synthetic has 1 rows: pass at least 10"
    ),
    "one_real_row": (lambda: quality_report(X[:1], NEAR), r"real has 1 rows: pass at least 10"),
    "nothing": (lambda: quality_report(X, None), r"synthetic is None: pass a table"),
    "file_names": (
        lambda: quality_report("real.csv", "new.csv"), r"real is 'real\.csv'.*Reshape your data"
    ),
    "no_such_target": (
        lambda: quality_report(X, NEAR, target="zz"),
        r"target='zz' is not a column of real: use one of \['a', 'b', 'k'\]",
    ),
    "nan_target": (
        lambda: quality_report(TARGETED.assign(y=Y.where(Y.index != 3)), TARGETED, target="y"),
        r"Column 'y' of real, row 3 is missing, and it is the target: drop the rows",
    ),
    "another_holdout": (
        lambda: quality_report(X, NEAR, holdout=X[["a"]]), r"holdout lacks \['b', 'k'\].*: pass"
    ),
    "bad_seed": (
        lambda: quality_report(X, NEAR, random_state="abc"), r"random_state='abc' cannot.*: pass"
    ),
    "images_of_another_size": (
        lambda: quality_report(IMAGES, IMAGES[:, :7]),
        r"synthetic has images of 7 x 8 pixels.*8 x 8 pixels.*: pass images of one size",
    ),
    "images_and_a_table": (
        lambda: quality_report(IMAGES, NEAR), r"synthetic is an array of shape \(60, 3\).*: pass"
    ),
    "images_with_nan": (
        lambda: quality_report(with_pixel(0), with_pixel(np.nan)),
        r"synthetic has nan at \(3, 2, 1\), image 3: pass images without NaN",
    ),
    "compare_without_y": (lambda: compare(y=None), r"y is None.*: pass y"),
    "compare_nan_target": (
        lambda: compare(y=Y.where(Y.index != 3)), r"y, row 3 .*y contains NaN\): drop the rows"
    ),
    "compare_short_y": (lambda: compare(y=Y[:9]), r"samples: \[60, 9\]\): pass one value of y"),
    "compare_empty": (
        lambda: compare(X[:0], Y[:0]), r"y is empty, with 0 sample.*: pass one value per row"
    ),
    "compare_one_row": (lambda: compare(X[:1], Y[:1]), r"cannot split 1 rows.*: pass an integer"),
    "compare_cv_of_one": (lambda: compare(cv=1), r"cv=1 cannot split 60 rows.*: pass an integer"),
    "compare_cv_word": (lambda: compare(cv="five"), r"cv='five' cannot split 60 rows.*: pass an"),
    "compare_estimator_word": (
        lambda: compare(estimators="tree"), r"estimators\['str'\]='tree' is not an est.*: pass an"
    ),
    "compare_no_estimator": (lambda: compare(estimators={}), r"estimators is empty: pass at"),
    "compare_scoring": (lambda: compare(scoring="f7"), r"scoring='f7' is unknown: pass one of"),
    "compare_amount": (
        lambda: compare(n_samples=-1), r"n_samples=-1 is negative or not finite: pass a number"
    ),
    "compare_augmenter_word": (
        lambda: compare(augmenters="gan"), r"augmenters\['str'\]='gan' is no augmenter: pass a"
    ),
    "compare_regressor_of_words": (
        lambda: compare(X[["a"]], Y.map({0: "no", 1: "yes"}), REGRESSOR),
        r"y holds text values, e\.g\. 'yes'.*: convert it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EVALUATION)
def test_evaluation(name):
    refused(*EVALUATION[name])
