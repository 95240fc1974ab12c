"""What staff changed of a loan: charges given up, payments put right."""
