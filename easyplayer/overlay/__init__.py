"""What is written over the pictures of a screen: pure, from words and numbers to the text of its layers.

A layer is text in Advanced SubStation Alpha (ASS), an event a line, on a canvas of 1920 by 1080 that every
output stretches to its own size.  :mod:`easyplayer.captions` says when which layer is drawn.
"""
