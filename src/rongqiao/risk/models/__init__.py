"""Tables of risk; importing the package registers them all."""
