"""Typical uses, for mypy: what each call returns is what its annotation says."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge

from gan_augment import (
    AugmentationComparison,
    AugmentedClassifier,
    AugmentedData,
    AugmentedRegressor,
    BootstrapGenerator,
    GANAugmenter,
    GANOverSampler,
    ImageFlattener,
    ImageGAN,
    ImageTransformGenerator,
    ImageVAE,
    Pipeline,
    QualityReport,
    SDVGenerator,
    SMOTEGenerator,
    TabularGAN,
    compare_augmentations,
    load,
    make_pipeline,
    quality_report,
)
from gan_augment.encoding.column import Column
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError


def a_step_in_a_pipeline(X: pd.DataFrame, y: pd.Series) -> None:
    model = make_pipeline(GANAugmenter(n_samples=0.5, random_state=0), LogisticRegression())
    assert_type(model, Pipeline)
    assert_type(model.fit(X, y), Pipeline)


def rows_for_a_table(X: pd.DataFrame, y: np.ndarray) -> None:
    augmenter = GANAugmenter(TabularGAN(n_steps=10), n_samples="fill", random_state=0)
    assert_type(augmenter.fit(X, y), GANAugmenter)
    data = augmenter.augment(X, y)
    assert_type(data, AugmentedData)
    assert_type(data.n_synthetic, int)
    assert_type(len(data), int)


def wrapped_estimators(X: pd.DataFrame, y: pd.Series) -> None:
    classifier = AugmentedClassifier(LogisticRegression(), cv=3, random_state=0)
    assert_type(classifier.fit(X, y), AugmentedClassifier)
    assert_type(classifier.classes_, np.ndarray)
    regressor = AugmentedRegressor(Ridge(), random_state=0)
    score: float = regressor.fit(X, y).score(X, y)
    print(score)


def a_sampler(X: np.ndarray, y: np.ndarray) -> None:
    assert_type(GANOverSampler(random_state=0).fit_resample(X, y), tuple[Any, Any])


def generators(X: pd.DataFrame, y: pd.Series, path: Path) -> None:
    gan = TabularGAN(columns={"id": "regenerate"}, locality=0.5, random_state=0).fit(X, y)
    assert_type(gan, TabularGAN)
    assert_type(gan.sample(10), tuple[Any, Any])
    gan.save(path)
    loaded = load(path)
    assert_type(loaded, TabularGAN | ImageGAN | ImageVAE | GANAugmenter)
    for rows, labels in gan.sample_iter(1000, chunk_size=100):
        print(len(rows), labels)
    assert_type(SMOTEGenerator().fit(X, y), SMOTEGenerator)
    assert_type(BootstrapGenerator().fit(X, y), BootstrapGenerator)
    assert_type(SDVGenerator("CTGAN", parameters={"epochs": 1}).fit(X, y), SDVGenerator)


def images(X: np.ndarray, y: np.ndarray) -> None:
    assert_type(ImageGAN(n_steps=1).fit(X, y), ImageGAN)
    assert_type(ImageVAE(n_steps=1).fit(X, y), ImageVAE)
    assert_type(ImageTransformGenerator().fit(X, y), ImageTransformGenerator)
    assert_type(ImageFlattener().fit(X), ImageFlattener)


def measurements(X: pd.DataFrame, y: pd.Series, path: Path) -> None:
    comparison = compare_augmentations(LogisticRegression(), X, y, cv=3, random_state=0)
    assert_type(comparison, AugmentationComparison)
    assert_type(comparison.verdict, str)
    report = quality_report(X, X, target=(y, y), random_state=0)
    assert_type(report, QualityReport)
    assert_type(report.verdict, str)
    assert_type(report.to_html(path), str)


def a_schema(X: pd.DataFrame) -> None:
    schema = Schema.infer(X, columns={"zip": "category"})
    assert_type(schema["zip"], Column)
    assert_type(Schema.from_json(schema.to_json()), Schema)


def an_error(error: InputError) -> None:
    assert_type(error.argument, str | None)
    assert_type(error.remedy, str | None)
    TabularGAN().fit("rows.parquet", "target").sample("ten")  # type: ignore[arg-type]
    load(3)  # type: ignore[arg-type]
    TabularGAN(n_step=3)  # type: ignore[call-arg]
