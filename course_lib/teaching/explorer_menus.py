"""The menus of the failure explorer; the only module that needs ipywidgets, which is optional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets
from IPython.display import display

from course_lib.evaluation.judge import Judgement
from course_lib.teaching.display import show as show_view
from course_lib.teaching.display import show_text
from course_lib.teaching.explorer import choose, explorer_view, menu_entries
from course_lib.teaching.markup import visible

_LONGEST = 70


def explorer_menus(judgements_by_name: Mapping[str, Sequence[Judgement]]) -> ipywidgets.VBox:
    """Display three menus that narrow the questions down, a fourth to pick one, and the picked one's view below.

    Returns:
        The box of menus and view, which is already displayed.
    """
    texts = {judged.question.id: judged.question.text for all_of in judgements_by_name.values() for judged in all_of}
    entries = menu_entries(judgements_by_name)
    filters = {name: ipywidgets.Dropdown(options=options, description=name) for name, options in entries.items()}
    question = ipywidgets.Dropdown(description="question", layout={"width": "45em"})
    view = ipywidgets.Output()

    def narrow(_change: object = None) -> None:
        fitting = choose(judgements_by_name, **{name: menu.value for name, menu in filters.items()})
        question.options = [(f"{name}: {visible(texts[name])[:_LONGEST]}", name) for name in fitting]
        question.value = fitting[0] if fitting else None
        look()

    def look(_change: object = None) -> None:
        view.clear_output(wait=True)
        with view:
            if question.value is None:
                show_text("No answer fits these menus.")
            else:
                show_view(explorer_view(judgements_by_name, question.value))

    for menu in filters.values():
        menu.observe(narrow, names="value")
    question.observe(look, names="value")
    box = ipywidgets.VBox([ipywidgets.HBox(list(filters.values())), question, view])
    narrow()
    display(box)
    return box
