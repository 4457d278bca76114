"""Markdown tables: give every row outer pipes, and write rows so that each can be read on its own."""

from __future__ import annotations

import re

_RULE = re.compile(r"^\s*\|?[\s:|-]+\|[\s:|-]*$")


def piped_tables(lines: list[str]) -> list[str]:
    """Put pipes around the rows of tables written without them: ``a | b`` becomes ``| a | b |``.

    Such a table begins at a line with a rule of as many columns below it, and ends at a line without a pipe.
    """
    result, inside = [], False
    for line, following in zip(lines, [*lines[1:], ""]):
        inside = "|" in line and (inside or _heads_bare_table(line, following))
        result.append(f"| {line.strip()} |" if inside and not _is_piped(line) else line)
    return result


def _heads_bare_table(line: str, following: str) -> bool:
    if _is_piped(line) or not _RULE.match(following):
        return False
    rules = _cells(following)
    return all("-" in rule for rule in rules) and len(rules) == len(_cells(line))


def _is_piped(line: str) -> bool:
    return line.lstrip().startswith("|")


def linearize_tables(lines: list[str]) -> list[str]:
    """Rewrite each row of tables with outer pipes as ``- column: cell; column: cell``; other lines stay."""
    result, header = [], None
    for position, line in enumerate(lines):
        if not _is_piped(line):
            header = None
            result.append(line)
        elif _RULE.match(line):
            continue
        elif header is None and position + 1 < len(lines) and _RULE.match(lines[position + 1]):
            header = _cells(line)
        else:
            names = header or []
            cells = _cells(line)
            result.append(
                "- "
                + "; ".join(
                    f"{names[i]}: {cell}" if i < len(names) and names[i] else cell
                    for i, cell in enumerate(cells)
                    if cell
                )
            )
    return result


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().removeprefix("|").removesuffix("|").split("|")]
