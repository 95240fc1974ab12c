"""What the people of a simulated town do: apply, take money out, pay; and what their bank does."""
