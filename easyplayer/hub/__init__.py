"""The hub: directs the boxes, and keeps what they have played.

:mod:`~easyplayer.hub.services` is what it does, :mod:`~easyplayer.hub.web` how it is asked for that,
:mod:`~easyplayer.hub.db` where it is kept, and :mod:`~easyplayer.hub.cli` the operator's commands.
"""
