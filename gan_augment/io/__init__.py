"""Files: tables, images and models, read as data only and written whole or not at all."""
