"""The deterministic life of a platform: people, days and payments by the real operations."""
