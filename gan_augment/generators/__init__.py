"""Generators: ``fit(X, y)`` learns rows, ``sample`` makes new ones of the classes asked for."""
