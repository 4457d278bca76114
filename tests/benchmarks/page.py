"""The page of benchmarks: ``python -m tests.benchmarks.page`` writes it again from the stored rows."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.files import read_json, write_atomic
from course_lib.settings import Settings, load_settings
from tests.benchmarks import rows as stored

_HEAD = """# Speed and size

Written by `make bench`. How each row is measured stands at the top of the module of its first name in
`tests/benchmarks/`. Times are of one machine; compare ratios, and run it on yours.
"""


def page(rows: Sequence[stored.Row]) -> str:
    """Return the page: first what has a target, then all other rows."""
    aimed = [one for one in rows if one["target"]]
    reached = sum(stored.met(one["value"], one["target"]) for one in aimed)
    parts = [
        _HEAD,
        f"## Targets: {reached} of {len(aimed)} met\n",
        _table([(*_cells(one), one["target"], _verdict(one)) for one in aimed], ("target", "")),
        "## Everything else\n",
        _table([_cells(one) for one in rows if not one["target"]], ()),
        "## Measured on\n",
        "\n".join(f"- {name}" for name in dict.fromkeys(one["machine"] for one in rows)) + "\n",
    ]
    return "\n".join(parts)


def _cells(one: stored.Row) -> tuple[str, str, str]:
    return f"`{one['name']}`", f"{one['value']:,.4g} {one['unit']}", one["against"] or ""


def _verdict(one: stored.Row) -> str:
    return "met" if stored.met(one["value"], one["target"]) else "**missed**"


def _table(lines: Sequence[Sequence[str]], more: Sequence[str]) -> str:
    columns = ("row", "measured", "against", *more)
    return "\n".join(
        [
            f"| {' | '.join(columns)} |",
            "| --- " * len(columns) + "|",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
        ]
    )


def write_page(settings: Settings) -> None:
    """Write ``data/results/BENCHMARKS.md`` from the stored rows."""
    folder = settings.data / "results"
    write_atomic(folder / "BENCHMARKS.md", page(read_json(folder / "benchmarks.json")))


if __name__ == "__main__":
    write_page(load_settings())
