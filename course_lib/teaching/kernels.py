"""Open notebooks: each keeps a model in memory, and a small machine has room for one."""

from __future__ import annotations

from course_lib.errors import CourseError
from course_lib.memory import free_memory, other_kernels


def check_room(needs_gb: float) -> None:
    """Make sure that a notebook fits beside those that are open.

    Without other notebooks nothing is checked: then there is nothing to close that the course knows of.

    Args:
        needs_gb: gigabytes the notebook takes at its peak.

    Raises:
        CourseError: it would not fit, and the machine would kill a notebook without a word.
    """
    others = other_kernels()
    free = free_memory()
    if others and free < needs_gb:
        held = " and ".join(f"{size:.1f} GB" for size in others)
        raise CourseError(
            f"This notebook needs {needs_gb:g} GB, {free:.1f} GB are free, and other open notebooks hold {held}.",
            "In each that you are done with, choose Kernel, Shut Down Kernel; closing its tab is not enough. "
            "Then run this cell again.",
        )
