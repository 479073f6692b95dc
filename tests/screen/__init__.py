"""What is seen: a real player on a real X server without a display, looked at by a camera."""
