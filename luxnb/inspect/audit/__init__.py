"""The audit: whether a layer keeps the laws that the rest of luxnb, and JAX, rely on."""
