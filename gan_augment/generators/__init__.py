"""What makes new rows: ``fit`` and ``sample`` for tables, images and the controls."""
