"""What comes in: the steps of an application and the documents beside it. Pure."""
