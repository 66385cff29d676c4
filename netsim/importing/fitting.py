"""Fits settings to the config model of a CNI or kube-proxy mode: what it does not take is left out and told."""

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError


def fitted(model: type[BaseModel], settings: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """The settings that the model takes together, and those left out as ``key: value``."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    left = {key: value for key, value in settings.items() if key in known}
    dropped = [f"{key}: {value}" for key, value in settings.items() if key not in known]
    while wrong := _wrong(model, left):
        dropped.append(f"{wrong}: {left.pop(wrong)}")
    return left, dropped


def _wrong(model: type[BaseModel], settings: dict[str, object]) -> str | None:
    """The setting that the model refuses; of several that do not go together, the last."""
    try:
        model.model_validate(settings)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["loc"] and detail["loc"][0] in settings:
                return str(detail["loc"][0])
        return next(reversed(settings), None) if settings else None
    return None
