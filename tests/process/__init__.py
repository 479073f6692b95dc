"""The whole box as a process of its own, started as a technician starts it."""
