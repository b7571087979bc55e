"""Typical uses, for mypy: what each call returns is what its annotation says."""
