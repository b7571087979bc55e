"""Awkward inputs of estimators, beside the 72: refused in one sentence before any training."""

import numpy as np
import pandas as pd
import pytest
from refusals import CLASSIFIER, REGRESSOR, N, T, X, Y, adder, gan, refused

from gan_augment import (
    AugmentedClassifier,
    AugmentedRegressor,
    GANAugmenter,
    GANOverSampler,
    TabularGAN,
    make_pipeline,
)

#: A lone surrogate fits into categories of dtype object only.
LONE_SURROGATE = pd.Categorical.from_codes([0, 1] * 30, pd.Index(["x", "\ud800"], dtype=object))

CASES = {
    "pipeline_without_y": (
        lambda: make_pipeline(adder(), CLASSIFIER).fit(X, None),
        r"y is None, but target='class' needs it: pass y",
    ),
    "pipeline_short_y": (
        lambda: make_pipeline(adder(), CLASSIFIER).fit(X, Y[:50]),
        r"samples: \[60, 50\]\): pass one value of y per row",
    ),
    "pipeline_nan_among_labels": (
        lambda: make_pipeline(adder(), CLASSIFIER).fit(X, Y.astype(object).where(Y.index != 4)),
        r"y, row 4 has no value.*y contains NaN\): drop the rows",
    ),
    "pipeline_same_name_twice": (
        lambda: make_pipeline(adder(), CLASSIFIER).set_params(
            steps=[("a", adder()), ("a", CLASSIFIER)]
        ).fit(X, Y),
        r"steps has the name 'a', which is not unique.*: rename the step",
    ),
    "amount_nan": (
        lambda: adder(n_samples=float("nan")).augment(X, Y),
        r"n_samples=nan is negative or not finite: pass a number >= 0",
    ),
    "amount_none": (
        lambda: adder(n_samples=None).augment(X, Y),
        r"n_samples=None is not an amount: pass a float",
    ),
    "amount_huge": (
        lambda: adder(n_samples=10**12).augment(X, Y),
        r"n_samples=1000000000000 is more than the 1,000,000,000 rows .*: ask for fewer",
    ),
    "amount_huge_multiple": (
        lambda: adder(n_samples=1e12).augment(X, Y),
        r"n_samples=60000000000000 is more than .*: ask for fewer",
    ),
    "amount_huge_for_a_class": (
        lambda: adder(n_samples={1: 10**12}).augment(X, Y),
        r"n_samples\[1\]=1000000000000 is more than .*: ask for fewer",
    ),
    "amount_by_class_without_classes": (
        lambda: adder(n_samples={0: 3}).augment(X, T),
        r"n_samples=\{0: 3\} is shared by class.*no classes: pass a float or an integer",
    ),
    "auto_without_y": (
        lambda: adder(n_samples="auto").augment(X),
        r"n_samples='auto' .*y is None: pass y, or n_samples as a number",
    ),
    "balance_unknown": (
        lambda: adder(class_balance="even").augment(X, Y),
        r"class_balance='even' is unknown: pass 'equal' or 'proportional'",
    ),
    "filters_unknown": (
        lambda: adder(filters="strict").augment(X, Y),
        r"filters='strict' is unknown: pass None, a callable",
    ),
    "generator_a_class": (
        lambda: GANAugmenter(TabularGAN).augment(X, Y),
        r"generator=<class .*TabularGAN'> is not a generator: pass an instance",
    ),
    "generator_a_word": (
        lambda: GANAugmenter("ctgan").augment(X, Y),
        r"generator='ctgan' is not a generator: pass an instance",
    ),
    "sampler_without_y": (
        lambda: GANOverSampler(gan()).fit_resample(X, None),
        r"y is None: pass class labels",
    ),
    "sampler_single_class": (
        lambda: GANOverSampler(gan()).fit_resample(X, Y * 0),
        r"y has 1 class, 0, so there is nothing to balance: pass rows of two classes",
    ),
    "sampler_two_rows_of_a_class": (
        lambda: GANOverSampler(gan()).fit_resample(X[1:3], Y[1:3]),
        r"y has 1 class, 0, .*: pass rows of two classes",
    ),
    "sampler_continuous_y": (
        lambda: GANOverSampler(gan()).fit_resample(X, T),
        r"y holds fractions, e\.g\. 0\.25.*: bin y",
    ),
    "sampler_removes_rows": (
        lambda: GANOverSampler(gan(), sampling_strategy={1: 5}).fit_resample(X, Y),
        r"sampling_strategy asks for 5 rows of class 1, which has 15: .*ask for as many or more",
    ),
    "sampler_word": (
        lambda: GANOverSampler(gan(), sampling_strategy="most").fit_resample(X, Y),
        r"sampling_strategy='most' is unknown: pass 'auto'",
    ),
    "sampler_unknown_class": (
        lambda: GANOverSampler(gan(), sampling_strategy={9: 90}).fit_resample(X, Y),
        r"sampling_strategy names the class 9, .*: use one of \[0, 1\]",
    ),
    "regressor_of_words": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, Y.map({0: "a", 1: "b"})),
        r"y holds text values, e\.g\. 'b', .*: convert it with y\.astype\(float\)",
    ),
    "regressor_infinite_y": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, T.where(T.index != 2, np.inf)),
        r"y, row \d+ is inf \(Input y contains infinity.*: drop these rows",
    ),
    "regressor_two_targets": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, np.ones((N, 2))),
        r"y should be .*\(60, 2\).*multilabel.*: pass one column",
    ),
    "regressor_dates": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, pd.date_range("2020", periods=N)),
        r"y has dtype datetime64\[\w+\] .*: convert it to a number",
    ),
    "regressor_complex_y": (
        lambda: AugmentedRegressor(REGRESSOR, adder()).fit(X, T.to_numpy() * 1j),
        r"'y' has dtype complex128 \(Complex data.*: split it",
    ),
    "regressor_of_a_classifier": (
        lambda: AugmentedRegressor(CLASSIFIER, adder()).fit(X, T),
        r"estimator=DummyClassifier\(\) is no regressor.*: pass a regressor",
    ),
    "classifier_of_a_regressor": (
        lambda: AugmentedClassifier(REGRESSOR, adder()).fit(X, Y),
        r"estimator=DummyRegressor\(\) is no classifier.*: pass a classifier",
    ),
    "classifier_without_estimator": (
        lambda: AugmentedClassifier(None, adder()).fit(X, Y),
        r"estimator=None is not an estimator: pass an instance of a classifier",
    ),
    "weights_short": (
        lambda: AugmentedClassifier(CLASSIFIER, adder()).fit(X, Y, sample_weight=np.ones(3)),
        r"sample_weight has shape \(3,\), expected \(60,\).*one for each row",
    ),
    "kind_unknown": (
        lambda: gan(columns={"a": "money"}).fit(X, Y),
        r"columns=\{'a': 'money'\} asks for an unknown kind: choose one of number",
    ),
    "kind_of_no_column": (
        lambda: gan(columns={"zz": "ignore"}).fit(X, Y),
        r"columns names 'zz', which is not a column: use one of \['a', 'b', 'k'\]",
    ),
    "kind_that_does_not_fit": (
        lambda: gan(columns={"k": "number"}).fit(X, Y),
        r"columns=\{'k': 'number'\} does not fit .*'category': leave it out",
    ),
    "period": (
        lambda: gan().fit(X.assign(p=pd.period_range("2020", periods=N, freq="D")), Y),
        r"Column 'p' has dtype period\[D\].*: convert it with \.dt\.to_timestamp",
    ),
    "interval": (
        lambda: gan().fit(X.assign(p=pd.cut(X["a"], 3)), Y),
        r"Column 'p' is categorical with levels of type interval, e\.g\. Interval.*: convert it",
    ),
    "lone_surrogate_level": (
        lambda: gan().fit(X.assign(p=LONE_SURROGATE), Y),
        r"X\['p'\] is categorical with the level '\\ud800', which is not valid.*: convert it with",
    ),
    "lone_surrogate_label": (
        lambda: gan().fit(X, pd.Series(LONE_SURROGATE)),
        r"y is categorical with the level '\\ud800'.*: convert it with y\.astype\(object\)",
    ),
    "sparse_column": (
        lambda: gan().fit(X.assign(p=pd.arrays.SparseArray(np.zeros(N))), Y),
        r"Column 'p' has dtype Sparse\[float64, nan\].*: convert it with \.sparse\.to_dense",
    ),
    "dates_as_text": (
        lambda: gan().fit(
            X.assign(p=pd.date_range("2020", periods=N).strftime("%Y-%m-%d")), Y
        ),
        r"Column 'p' holds dates as text, e\.g\. '2020-01-01': convert it",
    ),
    "integers_beyond_64_bits": (
        lambda: gan().fit(X.assign(p=pd.Series([2**70 + i for i in range(N)], dtype=object)), Y),
        r"Column 'p' holds integers that do not fit in 64 bits .*11805916.*: convert it",
    ),
    "structured_array": (
        lambda: gan().fit(np.zeros(N, dtype=[("a", float)]), Y),
        r"X has dtype \[\('a', '<f8'\)\]: pass a DataFrame",
    ),
    "a_file_name": (
        lambda: gan().fit("table.csv", Y),
        r"y is a \w+, but X is a table on disk: pass the name of its target column",
    ),
    "masked_array": (
        lambda: gan().fit(np.ma.masked_array(np.ones((N, 2)), mask=np.eye(N, 2)), Y),
        r"X is a masked array with masked cells: pass X\.filled",
    ),
    "other_byte_order": (
        lambda: gan().fit(np.ones((N, 2), dtype=">f8"), Y),
        r"X has dtype '>f8'.*: pass X\.astype\('<f8'\)",
    ),
    "a_column_named_none": (
        lambda: gan().fit(X.set_axis(pd.Index(["a", None, "k"], dtype=object), axis=1), Y),
        r"X has a column named None \(NoneType\): make all column names strings",
    ),
    "row_numbers": (
        lambda: gan().fit(X.assign(customer_id=np.arange(N)), Y),
        r"Column 'customer_id' has 60 distinct integers .*e\.g\. 0, like an identifier: drop it",
    ),
    "labels_of_mixed_types": (
        lambda: gan().fit(X, ["a", 1] * 30),
        r"Column 'y' holds mixed.*'a' and 1: convert it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_refused(name):
    refused(*CASES[name])
