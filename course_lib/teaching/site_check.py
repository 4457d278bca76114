"""Check a built site: links and pictures lead somewhere, and no page loads anything from a network.

``python -m course_lib.teaching.site_check build/site``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}
_LOADING_RELS = {"stylesheet", "preload", "prefetch", "modulepreload", "preconnect", "icon", "manifest"}
_CSS_URL = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")
_MADE_BY_SCRIPT = {"search.html"}  # its results are


@dataclass
class Page(HTMLParser):
    """What a page links to, loads, and can be linked by."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    no_text: list[str] = field(default_factory=list)
    remote_styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element links to or loads."""
        values = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        self.remote_styles += _CSS_URL.findall(values.get("style", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if values.get(LOADS.get(tag, "")):
            self.loads.append(values[LOADS[tag]])
        if tag == "link" and _LOADING_RELS & set(values.get("rel", "").lower().split()):
            self.loads.append(values.get("href", ""))
        if tag == "img" and not values.get("alt", "").strip():
            self.no_text.append(values.get("src", "")[:80])

    def handle_data(self, data: str) -> None:
        """Note what a style sheet inside the page loads."""
        if self._in_style:
            self.remote_styles += _CSS_URL.findall(data)


def problems(folder: Path) -> Iterator[str]:
    """Yield each broken link, missing picture, picture without text, and thing that would be loaded from a network."""
    found = (path for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts)  # templates of themes
    pages = {path: _read(path) for path in found}
    if not pages:
        yield f"{folder} has no page"
    for path, page in pages.items():
        where = path.relative_to(folder)
        yield from (f"{where}: a picture without text: {source}" for source in page.no_text)
        yield from (f"{where}: a style loads {address}" for address in page.remote_styles)
        for address in page.loads:
            if _is_remote(address):
                yield f"{where}: loads {address} from a network"
            elif not address.startswith("data:") and not _file(path, address).is_file():
                yield f"{where}: loads {address}, which is missing"
        for address in page.links:
            yield from (f"{where}: {problem}" for problem in _link_problems(path, address, pages))
    for path in sorted(folder.rglob("*.css")):
        for address in _CSS_URL.findall(path.read_text(encoding="utf-8", errors="replace")):
            yield f"{path.relative_to(folder)}: loads {address} from a network"


def _link_problems(path: Path, address: str, pages: dict[Path, Page]) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address in ("", "#"):
        return
    goal = _file(path, address) if parts.path else path
    if not goal.exists():
        yield f"links to {address}, which is missing"
    elif parts.fragment and goal in pages and goal.name not in _MADE_BY_SCRIPT:
        if unquote(parts.fragment) not in pages[goal].ids:
            yield f"links to {address}, but there is no such place on the page"


def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _is_remote(address: str) -> bool:
    return bool(urlsplit(address).netloc) or urlsplit(address).scheme in ("http", "https")


def _file(page: Path, address: str) -> Path:
    goal = (page.parent / unquote(urlsplit(address).path)).resolve()
    return goal / "index.html" if goal.is_dir() else goal


def main(folder: str) -> int:
    """Print what is wrong with a built site; return 1 if anything is."""
    found = list(problems(Path(folder).resolve()))
    print("\n".join(found) or f"{folder}: links and pictures are whole, and nothing is loaded from a network.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/site"))
