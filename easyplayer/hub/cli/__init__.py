"""The operator's commands: each asks a hub over its API, and tells what it answers."""
