"""Settings of the web edition. Its pages are written by ``python -m course_lib.teaching.site``; nothing is executed."""

project = "RAG or fine-tuning?"
author = "The course authors"
copyright = "the course authors; code MIT, text and data CC BY 4.0"  # noqa: A001 (the name is Sphinx's)
language = "en"
extensions = ["myst_nb"]
exclude_patterns = ["_static"]

nb_execution_mode = "off"  # the outputs are those of the notebooks
nb_merge_streams = True
myst_enable_extensions = []  # no dollar signs as mathematics: prices are full of them
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # some cells begin below the level that comes next

html_theme = "sphinx_book_theme"
html_title = "RAG or fine-tuning?"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "max_navbar_depth": 2,
    "show_navbar_depth": 2,
}
