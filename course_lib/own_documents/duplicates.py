"""Files that say what another file has said already."""

from __future__ import annotations

from hashlib import sha256

from course_lib.errors import DataError


class Copy(DataError):
    """A file that repeats another one.

    Attributes:
        first: the file that had the content first.
    """

    def __init__(self, words: str, first: str):
        super().__init__(f"{words} {first}.", "Nothing: one of them is enough.")
        self.first = first


class Seen:
    """Remembers contents by their digest."""

    def __init__(self):
        self._first: dict[str, str] = {}

    def check(self, content: bytes, name: str, words: str) -> None:
        """Remember a file's content.

        Args:
            content: its bytes, or the text that was read from them; a plain text is the same in both.
            name: the file.
            words: how to begin the sentence that ends with the name of the other file.

        Raises:
            Copy: another file had the same content.
        """
        if (first := self._first.setdefault(sha256(content).hexdigest(), name)) != name:
            raise Copy(words, first)
