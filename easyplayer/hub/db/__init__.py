"""Where the hub keeps everything: SQLite for one machine, PostgreSQL for fleets; the same tables in both."""
