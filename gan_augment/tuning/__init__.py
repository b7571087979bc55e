"""The closed loop: measure on inner folds, choose, and only then add."""
