"""Rows and images to numbers that networks learn from, and back to the caller's types."""
