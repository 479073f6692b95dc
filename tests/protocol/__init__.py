"""What boxes and the hub say to each other."""
