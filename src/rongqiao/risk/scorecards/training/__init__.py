"""From a table nobody has seen to a scorecard with its report: no flag but the target."""
