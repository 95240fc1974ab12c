"""The allowance for loan losses at the desk: valuations and what they rest on."""
