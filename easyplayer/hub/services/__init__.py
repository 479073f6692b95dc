"""What the hub does: functions of a database connection and what is asked, without a word of HTTP."""
