"""Scores inside folds and what follows from them: the closed loop that adds only what helps."""
