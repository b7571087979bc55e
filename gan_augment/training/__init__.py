"""The adversarial game, independent of what is played for: networks and batches are arguments."""
