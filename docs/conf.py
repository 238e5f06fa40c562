"""The docs site: `python -m tools site` (extra [docs]) builds it without a warning into docs/_build."""

from forescale import __version__
from tools import reference

project, author, copyright = "forescale", "The forescale developers", "the forescale developers, Apache-2.0"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"forescale {version}"
html_static_path: list[str] = []
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
suppress_warnings = ["misc.highlighting_failure"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = True


def setup(app) -> None:
    """Reference pages are made before a build; docstrings are prose with formulas, not reStructuredText."""
    reference.write()
    app.connect("autodoc-process-docstring", reference.as_prose, priority=400)
