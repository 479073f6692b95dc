"""The box as a machine of its own: what it is given, and what its screen shows."""
