"""What a model costs, layer by layer: counted in one trace of it, nothing is computed."""
