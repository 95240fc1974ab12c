"""A loan after it is paid out: schedule, repayment, delinquency, end of day."""
