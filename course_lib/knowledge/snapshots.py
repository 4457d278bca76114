"""The support site at each of its dates."""

from __future__ import annotations

from pathlib import Path

from course_lib.errors import DataError
from course_lib.files import iter_files
from course_lib.knowledge.articles import Article, read_article


def snapshot_dates(data: Path) -> list[str]:
    """Return the dates (YYYY-MM-DD) for which the site is kept, oldest first.

    Raises:
        DataError: there is no snapshot at all.
    """
    dates = sorted(folder.name for folder in (data / "kb").glob("????-??-??") if folder.is_dir())
    if not dates:
        raise DataError(f"{data / 'kb'} holds no snapshot.", "Restore the folder with `git checkout -- data`.")
    return dates


def load_snapshot(data: Path, date: str | None = None) -> list[Article]:
    """Return the articles of one date (default: the newest), in id order.

    Raises:
        DataError: there is no such date, an article is broken, or an id comes twice.
    """
    dates = snapshot_dates(data)
    date = dates[-1] if date is None else date
    if date not in dates:
        raise DataError(f"There is no snapshot {date!r}.", f"Use one of {', '.join(dates)}.")
    articles = [read_article(path) for path in iter_files(data / "kb" / date, ".md")]
    twice = {article.id for article in articles if sum(other.id == article.id for other in articles) > 1}
    if twice:
        raise DataError(
            f"Snapshot {date} has {', '.join(sorted(twice))} more than once.", "Give each article its own id."
        )
    return articles
