"""What a media file really is: duration, loudness, cue points, tags.

Used by the box and by the hub.  ffmpeg and mutagen live here and nowhere else.
"""
