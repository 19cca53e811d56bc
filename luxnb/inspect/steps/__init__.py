"""Runs a model step by step, with all its numbers in sight."""
