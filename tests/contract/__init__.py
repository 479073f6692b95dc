"""What a driver promises, held by the real one and by its fake alike."""
