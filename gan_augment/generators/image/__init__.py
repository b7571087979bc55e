"""ImageGAN and the other generators of images."""
