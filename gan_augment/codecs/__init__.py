"""Codecs: rows to float32 blocks and back, so that what comes back is valid by construction."""
