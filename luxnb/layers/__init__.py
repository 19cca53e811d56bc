"""The shelves: one family of layers a file."""
