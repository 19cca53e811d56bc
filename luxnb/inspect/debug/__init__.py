"""A model that tells what it does."""
