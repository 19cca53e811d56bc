"""What a layer is: a frozen value, its parameters and state as Trees, one pure call."""
