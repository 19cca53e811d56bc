"""Reads any model: where its parts are, what they hold, what they cost. Knows no concrete layer."""
