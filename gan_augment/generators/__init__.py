"""Generators: ``fit(X, y)`` learns rows, ``sample`` makes new ones of exactly the classes asked."""
