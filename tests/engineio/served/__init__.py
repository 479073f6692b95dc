"""The server at the end of real sockets, by both of its drivers."""
