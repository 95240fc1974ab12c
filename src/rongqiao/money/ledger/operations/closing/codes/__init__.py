"""The accounting codes of the chart: one finance officer proposes, another one decides."""
