"""How the appliance is built: a disk that boots into the player, and nothing else.

::

    profile      what goes into an image: a small file for each kind of board
    bootstrap    Debian's packages, as a root directory
    firmware     the box itself with its libraries and its music, in a place of its own
    furnish      what is taken away, what is set up, what is switched off
    initrd       the few kilobytes that find the root and put a layer of memory over it
    disk         one file of all that: a boot partition and a compressed root
    manifest     what is in it, and how large
    build        all of these in order: ``python -m image.build --profile x86-64``

Only Python's own library is used here, and nothing of the player is imported.
"""
