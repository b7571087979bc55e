"""What a user puts into scikit-learn: the augmenter, the pipeline, the wrapped estimators."""
