"""Moved to course_lib.knowledge.values (import from there)."""
from course_lib.knowledge.values import *  # noqa
