"""Annual percentage rates: four published methods over the same cash flows."""
