"""Live plots: they are given numpy columns and know nothing of training."""
