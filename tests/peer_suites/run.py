"""Run tests of scikit-learn and imbalanced-learn with this package's classes in them.

``python tests/peer_suites/run.py`` runs all suites, each in a process of its own; the name of one
suite and options of pytest may follow. A test that is listed in ``exceptions.py`` must fail, in
the way that is written there; all others must pass.
"""

import importlib
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

HERE = Path(__file__).parent


def our_pipeline(name, home):
    """Import a test module in which ``Pipeline`` and ``make_pipeline`` are this package's."""
    from gan_augment.estimators import pipeline

    home = importlib.import_module(home)
    with (
        patch.object(home, "Pipeline", pipeline.Pipeline),
        patch.object(home, "make_pipeline", pipeline.make_pipeline),
    ):
        importlib.import_module(name)
    return ["--pyargs", name]


def sklearn_pipeline():
    """scikit-learn's tests of its Pipeline."""
    return our_pipeline("sklearn.tests.test_pipeline", "sklearn.pipeline")


def sklearn_pipeline_own_loop():
    """The same, where the loop over row-adding steps fits pipelines without such a step, too."""
    from gan_augment.estimators.pipeline import Pipeline

    Pipeline._growing = lambda self: True
    return sklearn_pipeline()


def imblearn_pipeline():
    """imbalanced-learn's tests of its Pipeline."""
    return our_pipeline("imblearn.tests.test_pipeline", "imblearn.pipeline")


def imblearn_samplers():
    """imbalanced-learn's checks of samplers."""
    return [str(HERE / "sampler_checks.py")]


def metadata_routing():
    """scikit-learn's tests of meta-estimators that route metadata, on the two of this package."""
    from gan_augment import (
        AugmentedClassifier,
        AugmentedRegressor,
        BootstrapGenerator,
        GANAugmenter,
    )

    name = "sklearn.tests.test_metaestimators_metadata_routing"
    module = importlib.import_module(name)
    entries = []
    for model, kind, y in (
        (AugmentedClassifier, "classifier", module.y),
        (AugmentedRegressor, "regressor", module.y),
    ):
        methods = ["fit", "predict", "score"]
        if kind == "classifier":
            methods += ["predict_proba", "predict_log_proba", "decision_function"]
        common = {
            "metaestimator": model,
            "estimator_name": "estimator",
            "estimator": kind,
            "X": module.X,
            "y": y,
        }
        adder = GANAugmenter(BootstrapGenerator())
        fixed = {"augmenter": adder, "n_samples": 0, "labeler": None}
        entries += [
            {**common, "init_args": fixed, "estimator_routing_methods": methods},
            {
                **common,
                "init_args": {**fixed, "n_samples": "auto"},
                "estimator_routing_methods": [],
                "cv_name": "cv",
                "cv_routing_methods": ["fit"],
            },
        ]
    module.METAESTIMATORS[:] = entries
    module.METAESTIMATOR_IDS[:] = [
        entry["metaestimator"].__name__ + ("-cv" if "cv_name" in entry else "")
        for entry in entries
    ]
    return ["--pyargs", name, "-k", "Augmented"]


def delegation():
    """scikit-learn's tests of meta-estimators that have the methods of their estimator."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline as stock
    from sklearn.preprocessing import StandardScaler

    from gan_augment import (
        AugmentedClassifier,
        AugmentedRegressor,
        BootstrapGenerator,
        GANAugmenter,
        make_pipeline,
    )

    name = "sklearn.tests.test_metaestimators"
    module = importlib.import_module(name)
    adder = GANAugmenter(BootstrapGenerator(), random_state=0)
    fixed = {"augmenter": adder, "n_samples": 10, "labeler": None}
    absent = ["transform", "inverse_transform"]
    module.DELEGATING_METAESTIMATORS[:] = [
        module.DelegatorData("Pipeline", lambda est: make_pipeline(adder, est)),
        module.DelegatorData(
            "AugmentedClassifier", lambda est: AugmentedClassifier(est, **fixed), absent
        ),
        module.DelegatorData(
            "AugmentedRegressor",
            lambda est: AugmentedRegressor(est, **fixed),
            [*absent, "predict_proba", "predict_log_proba", "decision_function"],
        ),
    ]
    text = module.TfidfVectorizer
    module.DATA_VALIDATION_META_ESTIMATORS[:] = [
        AugmentedClassifier(stock(text(), LogisticRegression()), **fixed),
        AugmentedRegressor(stock(text(), Ridge()), **fixed),
        make_pipeline(text(), StandardScaler(with_mean=False), adder, LogisticRegression()),
    ]
    return ["--pyargs", name]


SUITES = {
    suite.__name__: suite
    for suite in (
        sklearn_pipeline,
        sklearn_pipeline_own_loop,
        metadata_routing,
        delegation,
        imblearn_pipeline,
        imblearn_samplers,
    )
}


class Results:
    """Collects how each test ended."""

    def __init__(self):
        self.passed, self.failed, self.skipped = set(), {}, set()

    def pytest_runtest_logreport(self, report):
        """Note a test that failed, was skipped or passed."""
        name = report.nodeid.split("::", 1)[1]
        if report.failed:
            self.failed[name] = report.longreprtext
        elif report.skipped:
            self.skipped.add(name)
        elif report.when == "call":
            self.passed.add(name)


def run(suite):
    """Run one suite in this process; return what is wrong, one line each."""
    from exceptions import EXCEPTIONS

    results, excused = Results(), EXCEPTIONS.get(suite, {})
    arguments = SUITES[suite]()
    quiet = ["-q", "-p", "no:cacheprovider", "--tb=short", "-c", str(HERE / "pytest.ini")]
    code = pytest.main([*arguments, *quiet, *sys.argv[2:]], plugins=[results])
    wrong = [] if code in (0, 1) else [f"pytest ended with {code!r}"]
    for name, text in results.failed.items():
        if name not in excused:
            wrong.append(f"{name} fails")
        elif excused[name][0] not in text:
            wrong.append(f"{name} fails in another way than with {excused[name][0]!r}")
    wrong += [f"{name} is an exception, but passes" for name in excused if name in results.passed]
    known = results.passed | results.skipped | results.failed.keys()
    wrong += [
        f"{name} is an exception, but there is no such test" for name in excused.keys() - known
    ]
    counts = f"{len(results.passed)} passed, {len(results.failed)} failed"
    print(f"\n{suite}: {counts}, {len(results.skipped)} skipped; {len(excused)} exceptions")
    return wrong


def main():
    """Run the suites named, or all, and exit with 1 if one is not as it should be."""
    if len(sys.argv) > 1 and sys.argv[1] in SUITES:
        wrong = run(sys.argv[1])
        print("\n".join(wrong))
        sys.exit(bool(wrong))
    codes = [subprocess.call([sys.executable, __file__, suite]) for suite in SUITES]
    sys.exit(any(codes))


if __name__ == "__main__":
    main()
