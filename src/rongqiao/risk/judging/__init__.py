"""Pure: facts and a policy in, a verdict with its reasons out."""
