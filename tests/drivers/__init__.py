"""Tests of the drivers that need no contract: each has one real implementation, tried for real."""
