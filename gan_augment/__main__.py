"""``python -m gan_augment`` is the command ``gan-augment``."""

from gan_augment.cli.app import app

if __name__ == "__main__":
    app(prog_name="gan-augment")
