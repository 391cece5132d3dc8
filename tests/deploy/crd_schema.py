# SPDX-License-Identifier: Apache-2.0
"""Checks a custom resource against the schema of its CustomResourceDefinition, and refuses fields that it does not have."""

import pathlib
from collections.abc import Iterator

import jsonschema
import yaml

_KUBERNETES_ADDS = {"apiVersion", "kind", "metadata"}


def strict(schema: dict, *, root: bool = False) -> dict:
    """The same schema, in which an object has no property but those that are named."""
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: strict(inner) for name, inner in schema["properties"].items()}
        open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
        if not open_ended:
            result["additionalProperties"] = False
        if root:
            result["properties"] = {name: {} for name in _KUBERNETES_ADDS} | result["properties"]
    if isinstance(schema.get("items"), dict):
        result["items"] = strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = strict(schema["additionalProperties"])
    return result


def schemas(definition: pathlib.Path) -> dict[tuple[str, str], dict]:
    """By apiVersion and kind."""
    found = {}
    for document in yaml.load_all(definition.read_text(), Loader=yaml.CSafeLoader):
        spec = document["spec"]
        for version in spec["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"], root=True)
            found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


def faults(resource: dict, known: dict[tuple[str, str], dict]) -> Iterator[str]:
    kind = resource["apiVersion"], resource["kind"]
    if kind not in known:
        yield f"no definition of {kind[1]} in {kind[0]}"
        return
    for error in jsonschema.Draft202012Validator(known[kind]).iter_errors(resource):
        yield f"{error.json_path}: {error.message}"
