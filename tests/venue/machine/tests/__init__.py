"""The harness itself is tested with a machine that needs no operating system."""
