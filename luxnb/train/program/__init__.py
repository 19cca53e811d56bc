"""The compiled program of a training."""
