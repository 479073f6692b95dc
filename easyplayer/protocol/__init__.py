"""What boxes and the hub say to each other: every message, how it is written, and who has signed it.

Nothing here reads a clock, draws a random number or touches the network: both sides hand those in.
"""
