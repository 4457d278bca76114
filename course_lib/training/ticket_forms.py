"""The rules of tickets, twice: as a JSON schema for constrained decoding, and written out for a strong prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NAME_ROOM = 40  # letters of a name or a street
_DATE = r"^20[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_NULL = {"type": "null"}


def workflow_schema(workflows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of a choice: one of the workflows, with its own arguments in their order.

    Args:
        workflows: rows of ``workflows.json``.
    """
    return {"anyOf": [_object({"workflow": {"const": one["id"]}, "arguments": _arguments(one)}) for one in workflows]}


def _arguments(workflow: Mapping[str, Any]) -> dict[str, Any]:
    defined = workflow["arguments"]
    shape = _object({name: _shape(rule) for name, rule in defined.items()})
    return shape | {"required": [name for name, rule in defined.items() if rule["required"]]}


def record_schema(fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of a record: every field in order; null where the rules allow it.

    Args:
        fields: rows of ``record_rules.json``.
    """
    shapes = {rule["field"]: _shape(rule) for rule in fields}
    free = {rule["field"] for rule in fields if not rule.get("required", False)}
    return _object({name: {"anyOf": [shape, _NULL]} if name in free else shape for name, shape in shapes.items()})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _shape(rule: Mapping[str, Any]) -> dict[str, Any]:
    kind = rule["type"]
    if kind == "enum":
        return {"enum": list(rule["values"])}
    if kind == "integer":
        return {"type": "integer", "minimum": 0, "maximum": 999999}
    if kind == "money":
        return {"type": "number", "minimum": 0, "maximum": 9999}
    if kind == "date":
        return {"type": "string", "pattern": _DATE}
    if "pattern" in rule:
        return {"type": "string", "pattern": f"^{rule['pattern']}$"}
    return {"type": "string", "minLength": 1, "maxLength": NAME_ROOM}


def workflow_rules(definitions: Mapping[str, Any]) -> str:
    """Write the contents of ``workflows.json`` out, a line a workflow, argument and rule."""
    lines = []
    for one in definitions["workflows"]:
        lines.append(f"{one['id']}: {one['does']}")
        for name, rule in one["arguments"].items():
            given = "always" if rule["required"] else "if stated"
            lines.append(f"  {name} ({_type(rule)}, {given}): {rule['is']}")
    order = ", ".join(definitions["precedence"])
    return "\n".join([*lines, *(f"- {rule}" for rule in definitions["rules"]), f"- Precedence: {order}."])


def record_rules(fields: Sequence[Mapping[str, Any]]) -> str:
    """Write the contents of ``record_rules.json`` out, a line a field and meaning."""
    lines = []
    for rule in fields:
        lines.append(f"{rule['field']} ({_type(rule)}): {rule['rule']}")
        lines += [f"  {value}: {meaning}" for value, meaning in rule.get("meanings", {}).items()]
    return "\n".join(lines)


def _type(rule: Mapping[str, Any]) -> str:
    return "one of " + ", ".join(rule["values"]) if rule["type"] == "enum" else rule["type"]
