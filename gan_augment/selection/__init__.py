"""The experiment that scores ways of adding rows on folds, and the closed loop that picks one."""
