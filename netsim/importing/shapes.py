"""Looks into parsed data of any shape without failing: what is not there, or of another type, is empty."""

from typing import Any

Data = dict[str, Any]


def part(data: object, *steps: str) -> Any:
    """What a path of keys leads to, or None."""
    for step in steps:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data


def text(data: object, *steps: str) -> str:
    """The text at a path, or ""."""
    found = part(data, *steps)
    return found if isinstance(found, str) else ""


def whole(data: object, *steps: str) -> int | None:
    """The whole number at a path, or None; text of digits is one too."""
    found = part(data, *steps)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 16:
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def is_true(data: object, *steps: str) -> bool:
    """Whether true stands at a path, as a word or as text."""
    found = part(data, *steps)
    return found is True or (isinstance(found, str) and found.lower() == "true")


def mapping(data: object, *steps: str) -> Data:
    """The mapping at a path, or an empty one."""
    found = part(data, *steps)
    return found if isinstance(found, dict) else {}


def rows(data: object, *steps: str) -> list[Data]:
    """The mappings in the list at a path."""
    found = part(data, *steps)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def words(data: object, *steps: str) -> list[str]:
    """The texts in the list at a path."""
    found = part(data, *steps)
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def pairs(data: object, *steps: str) -> dict[str, str]:
    """The keys at a path whose values are text."""
    return {key: value for key, value in mapping(data, *steps).items() if isinstance(value, str)}
