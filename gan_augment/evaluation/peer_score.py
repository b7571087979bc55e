"""The overall score of sdmetrics' QualityReport, for people who know it."""

import numpy as np

from gan_augment.evaluation.catalog import metric
from gan_augment.exceptions import InputError
from gan_augment.metrics.uncertainty import Estimate


def sdmetrics_score(samples):
    """Return sdmetrics' overall score; the state of numpy's global generator is put back.

    Returns
    -------
    Metric
        Without an interval, which sdmetrics does not have.

    Raises
    ------
    InputError
        If sdmetrics is not installed.
    """
    try:
        from sdmetrics import reports
    except ImportError as error:
        raise InputError.of(
            "sdmetrics",
            True,
            "needs the package sdmetrics",
            "install it with pip install sdmetrics",
        ) from error
    rows = {"real": samples.real_at, "synthetic": samples.synthetic_at}
    kinds = {str(feature.name): _sdtype(feature) for feature in samples.features}
    real, made = (_plain_frame(samples, key, at, kinds) for key, at in rows.items())
    other = _plain_frame(samples, samples.fresh_name, samples.fresh_at, kinds)
    state = np.random.get_state()
    try:
        value, reference = (_score(reports, real, frame, kinds) for frame in (made, other))
    finally:
        np.random.set_state(state)
    sides = Estimate(value, np.nan), Estimate(reference, np.nan)
    return metric(samples, "sdmetrics_score", *sides, interval=(None, None))


def _sdtype(feature):
    if feature.stored == "datetime":
        return "datetime"
    return "numerical" if feature.is_number else "categorical"


def _plain_frame(samples, key, at, kinds):
    """Return rows as sdmetrics takes them: column names are text, categories objects."""
    names = [feature.name for feature in samples.features]
    frame = samples.frames[key][names].iloc[at].reset_index(drop=True)
    frame = frame.set_axis(list(kinds), axis=1)
    return frame.astype({name: object for name, kind in kinds.items() if kind == "categorical"})


def _score(reports, real, other, kinds):
    described = {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}
    if hasattr(reports, "QualityReport"):  # one report for one table and for several
        tables = {"table": real}, {"table": other}
        described = {"tables": {"table": described}, "relationships": []}
        report = reports.QualityReport()
    else:
        from sdmetrics.reports.single_table import QualityReport

        tables, report = (real, other), QualityReport()
    report.generate(*tables, described, verbose=False)
    return float(report.get_score())
