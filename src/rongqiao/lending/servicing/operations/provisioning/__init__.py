"""The allowance for loan losses: valued for all loans at once, proposed, booked by another."""
