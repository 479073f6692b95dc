"""The box as a machine of its own: what a technician gives it, and what its screen shows.

Pure: what is read from the boot partition or a stick comes in as bytes, and what is to be written goes out as
files with their places.  :mod:`easyplayer.cli.setup` and :mod:`easyplayer.cli.display` do the rest.
"""
