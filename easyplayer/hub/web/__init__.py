"""How the hub is asked over HTTP: a list of endpoints per subject, each with the types it takes and gives."""
