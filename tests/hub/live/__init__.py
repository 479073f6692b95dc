"""Tests of the live channel of the hub."""
