"""The virtual venue: the real image in a virtual machine, and a test that plays the venue."""
