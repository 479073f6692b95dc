"""How the documentation is built: ``make docs``."""

import sys
from pathlib import Path

from easyplayer import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "easyplayer"
author = "the easyplayer authors"
project_copyright = f"2026, {author}"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "box_tables", "hub_tables"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"easyplayer {release}"
html_copy_source = False
html_show_sphinx = False

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!easyplayer\.).*"),  # builtins and other people's names: not looked up over the network
    ("py:.*", r".*\.(_\w+|Record|Content)"),  # type variables
    ("py:.*", r"easyplayer\.(crafts\.craft\.Args|errands\.Answer|protocol\.(signing|codec)\.Message)"),
    ("py:.*", r"easyplayer\.drivers\.losable_database\.Answer"),
    ("py:.*", r"easyplayer\.hub\.(cli\.(client\.Answer|telling\.View)|services\.parts\.Kind)"),
    ("py:.*", r"easyplayer\.hub\.web\.(pages\.Item|views\.Item|endpoint\.(Query|Body)|forms\.Form)"),
    ("py:.*", r"easyplayer\.hub\.db\.beats\.(Outcome|One)(_\w+)?"),
    ("py:.*", r"easyplayer\.engineio\.(server|client)\.H"),
    ("py:.*", r"easyplayer\.(circus\.options\.Value|log_rows\.Row|layers\.Whole)"),
    ("py:.*", r"easyplayer\.(hub\.live\.portions\.Thing|drivers\.hub_dial\.Result)"),
    ("py:class", r".*\.Annotated.*"),  # a unit with limits: Sphinx looks for the word in the unit's module
    ("py:data", r".*Report"),  # unions of the classes that stand beside them
]
suppress_warnings = ["ref.python"]  # a short name that several modules have; the page shows which is meant

add_module_names = False
python_display_short_literal_types = True
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "ignore-module-all": True}
toc_object_entries_show_parents = "hide"
