"""Where the first number that is not finite comes from."""
