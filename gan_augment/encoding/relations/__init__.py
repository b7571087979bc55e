"""Relations between columns: found in the training rows, stated, and kept in every new row."""
