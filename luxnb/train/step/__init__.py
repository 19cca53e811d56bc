"""One step of training: gradients, their options, the update."""
