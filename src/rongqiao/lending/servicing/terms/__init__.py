"""What moves a running loan's plan or its payments, worked out beside the engine. Pure."""
