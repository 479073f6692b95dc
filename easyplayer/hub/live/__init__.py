"""The live channel of the hub: what goes to boxes and operators at once, and what carries it there."""
