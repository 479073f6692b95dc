"""The WatchDog, part by part; with a real circusd it stands in ``tests/process/test_supervision.py``."""
