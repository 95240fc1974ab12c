"""What the queue and the worker's beats do for risk."""
