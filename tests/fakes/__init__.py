"""The world in memory: each contract of the drivers, kept by something that a test holds in its hand."""
