"""Markdown tables: give every row outer pipes, and write rows so that each can be read on its own."""

from __future__ import annotations

import re

LONGEST_NAME = 100  # characters; repeated in every row, a longer one would make gigabytes of a small file
_RULE = re.compile(r"[\s:|-]*")


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
    if _is_piped(line) or not _is_rule(following):
        return False
    rules = _cells(following)
    return all("-" in rule for rule in rules) and len(rules) == len(_cells(line))


def _is_piped(line: str) -> bool:
    return line.lstrip().startswith("|")


def _is_rule(line: str) -> bool:
    return "|" in line[1:] and _RULE.fullmatch(line) is not None


def linearize_tables(lines: list[str]) -> list[str]:
    """Rewrite each row of tables with outer pipes as ``- column: cell; column: cell``; other lines stay.

    A header without a row below it is a line of its own, and so is one with a very long name, which no row repeats.
    """
    result: list[str] = []
    header: list[str] | None = None
    waiting = False  # whether the last line is a header that the first row replaces
    for position, line in enumerate(lines):
        if not _is_piped(line):
            header, waiting = None, False
            result.append(line)
        elif _is_rule(line):
            continue
        elif header is None and position + 1 < len(lines) and _is_rule(lines[position + 1]):
            header = _cells(line)
            result.append(_row([], header))
            waiting = max(map(len, header)) <= LONGEST_NAME
            header = header if waiting else []
        else:
            if waiting:
                result.pop()
            waiting = False
            result.append(_row(header or [], _cells(line)))
    return result


def _row(names: list[str], cells: list[str]) -> str:
    return "- " + "; ".join(
        f"{names[i]}: {cell}" if i < len(names) and names[i] else cell for i, cell in enumerate(cells) if cell
    )


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().removeprefix("|").removesuffix("|").split("|")]
