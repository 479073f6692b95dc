"""What circus is given: the WatchDog, a plugin that has circusd replace whatever makes no progress."""
