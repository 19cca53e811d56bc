"""A training that goes on: the thread, the engine, and what it remembers."""
