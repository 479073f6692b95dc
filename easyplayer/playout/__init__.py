"""What sounds when, as pure functions: no clock, no disk, no network, no logging in here."""
