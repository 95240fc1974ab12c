"""Pages on the running of the house: roles, the audit trail, the engine room."""
