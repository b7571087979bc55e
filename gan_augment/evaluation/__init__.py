"""Does it help, is it good: comparisons and quality reports, as values beside their controls."""
