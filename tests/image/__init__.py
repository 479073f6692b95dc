"""The appliance's image: its profiles, its parts, and what was built, looked at from outside."""
