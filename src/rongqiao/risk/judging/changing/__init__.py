"""Pure: what changing a policy or a plan means: numbers, differences, what would come of it."""
