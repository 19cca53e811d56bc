"""Checkpoints: a run in a file that anybody can read, that nothing breaks and nothing fools."""
