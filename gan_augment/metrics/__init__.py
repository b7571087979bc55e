"""One number each: how near synthetic rows are to real ones, how varied, useful and private.

Where each comes from, how to read it and how it misleads is said in ``docs/metrics.rst``.
"""
