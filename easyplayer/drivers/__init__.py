"""The outside world: players, sound server, disks.

A driver knows nothing of circuits.  It takes commands that never block, and reports by calling
back; each has a contract (a ``Protocol``), one real implementation, and a fake in ``tests/fakes``.
"""
