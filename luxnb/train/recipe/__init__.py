"""Recipes: all that decides the bits of a run, as plain data, and its verification elsewhere."""
