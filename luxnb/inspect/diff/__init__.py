"""diff: what is added, removed and changed from one model, or Tree, to another."""
