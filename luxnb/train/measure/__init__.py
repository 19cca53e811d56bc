"""What is measured of a training: metrics, their history, evaluation and validation."""
