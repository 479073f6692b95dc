"""The technician's commands, one module each; :mod:`easyplayer.main` picks one."""
