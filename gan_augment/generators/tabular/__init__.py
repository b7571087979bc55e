"""TabularGAN: the estimator, its adversarial training, its prior, its file."""
