"""The report: figures, and one self-contained page that explains itself to a stranger.

`page` knows sections, tables and figures; `comparison` and `quality` tell the two stories; the
figures live in `figures` (lifts and metrics) and `rows` (real beside synthetic rows). Everything
takes frames of plain columns, so the page knows nothing of how the numbers came about.
"""
