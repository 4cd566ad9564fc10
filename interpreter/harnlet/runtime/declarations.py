"""Declarations that become plain data: skills and eval packs (docs/language.md#tools-skills-eval-packs)."""

from typing import Any

from harnlet.runtime.display import display


def declare_skill(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """`skill name { ... }`: a registry with the one skill."""
    description = fields.get("description")
    entry = {"description": "" if description is None else display(description), **fields, "name": name}
    return {"_type": "skill_registry", "skills": [entry]}


def declare_eval_pack(id: str, fields: dict[str, Any]) -> dict[str, Any]:
    """`eval_pack name "id" { ... }`: its manifest."""
    return {"version": 1, "id": id, **fields}
