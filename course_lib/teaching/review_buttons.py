"""The buttons of the reviewers' desk; needs ipywidgets, which is optional."""

from __future__ import annotations

import ipywidgets
from IPython.display import display

from course_lib.errors import CourseError
from course_lib.operations.review_queue import ReviewQueue
from course_lib.teaching.display import show as show_view
from course_lib.teaching.display import show_text
from course_lib.teaching.review_desk import draft_view


def review_buttons(queue: ReviewQueue, reviewer: str) -> ipywidgets.VBox:
    """Display the oldest open draft with a field and three buttons; a decision brings the next one.

    Looking at a draft claims it and starts the clock. What goes wrong, such as a rejection without a note, is shown.

    Returns:
        The box, which is already displayed.
    """
    words = ipywidgets.Text(description="text or note", layout={"width": "45em"})
    buttons = [ipywidgets.Button(description=name) for name in ("approve", "send my text", "reject with note")]
    view = ipywidgets.Output()

    def current() -> int | None:
        mine = [item for item in queue.items() if item.state == "waiting" or item.reviewer == reviewer]
        return mine[0].id if mine else None

    def look() -> None:
        view.clear_output(wait=True)
        with view:
            number = current()
            if number is None:
                show_text("No draft waits for you.")
            else:
                show_view(draft_view(queue.claim(number, reviewer)))

    def decide(button: ipywidgets.Button) -> None:
        decision = {"approve": "approved", "send my text": "edited"}.get(button.description, "rejected")
        edited = decision == "edited"
        try:
            if (number := current()) is not None:
                queue.decide(number, reviewer, decision, words.value if edited else "", "" if edited else words.value)
        except CourseError as error:
            with view:
                show_text(str(error))
            return
        words.value = ""
        look()

    for button in buttons:
        button.on_click(decide)
    box = ipywidgets.VBox([view, words, ipywidgets.HBox(buttons)])
    look()
    display(box)
    return box
