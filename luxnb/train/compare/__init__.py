"""Whether runs are identical to the bit, and if not, where they part."""
