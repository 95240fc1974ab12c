"""Items come into the register and leave it."""
