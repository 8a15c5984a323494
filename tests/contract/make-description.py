#!/usr/bin/env python3
"""Makes github.json and shapes.json of this folder from GitHub's published OpenAPI description.

    cd /tmp && npm install --ignore-scripts @octokit/openapi@23.0.2
    python3 REPO/tests/contract/make-description.py node_modules/@octokit/openapi

github.json is the description cut down to the calls that Ovvoc makes, for Prism. Three things are
changed in it, all of them said by GitHub's manual and missing in the description: the media type
application/vnd.github+json, the answers that authentication and rate limits give to any call, and
that a pull request which is no issue's needs a title.
shapes.json holds the smallest object that each schema allows; the fake fills in what it knows.
"""
import json
import pathlib
import sys

KEEP = {
    "/app": ["get"],
    "/app/installations": ["get"],
    "/app/installations/{installation_id}/access_tokens": ["post"],
    "/app-manifests/{code}/conversions": ["post"],
    "/installation/token": ["delete"],
    "/installation/repositories": ["get"],
    "/repos/{owner}/{repo}": ["get"],
    "/repos/{owner}/{repo}/installation": ["get"],
    "/repos/{owner}/{repo}/git/ref/{ref}": ["get"],
    "/repos/{owner}/{repo}/git/refs": ["post"],
    "/repos/{owner}/{repo}/git/refs/{ref}": ["patch", "delete"],
    "/repos/{owner}/{repo}/git/blobs": ["post"],
    "/repos/{owner}/{repo}/git/blobs/{file_sha}": ["get"],
    "/repos/{owner}/{repo}/git/trees": ["post"],
    "/repos/{owner}/{repo}/git/trees/{tree_sha}": ["get"],
    "/repos/{owner}/{repo}/git/commits": ["post"],
    "/repos/{owner}/{repo}/git/commits/{commit_sha}": ["get"],
    "/repos/{owner}/{repo}/pulls": ["get", "post"],
    "/repos/{owner}/{repo}/pulls/{pull_number}": ["patch"],
    "/repos/{owner}/{repo}/issues/{issue_number}/labels": ["post"],
    "/repos/{owner}/{repo}/releases/tags/{tag}": ["get"],
}
SHAPES = {
    "app": "integration",
    "installation": "installation",
    "token": "installation-token",
    "repository": "full-repository",
    "listed-repository": "repository",
    "ref": "git-ref",
    "commit": "git-commit",
    "tree": "git-tree",
    "blob": "blob",
    "pull": "pull-request",
    "listed-pull": "pull-request-simple",
    "label": "label",
    "release": "release",
}

folder = pathlib.Path(__file__).resolve().parent
source = json.loads((pathlib.Path(sys.argv[1]) / "generated/api.github.com.json").read_text())
schemas = source["components"]["schemas"]


def resolved(schema):
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def smallest(schema, top=False):
    schema = resolved(schema)
    if schema.get("nullable") and not top:
        return None
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return smallest(schema[key][0])
    if "allOf" in schema:
        merged = {}
        for part in schema["allOf"]:
            merged.update(smallest(part))
        return merged
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        return {name: smallest(schema["properties"][name]) for name in schema.get("required", [])
                if name in schema.get("properties", {})}
    if kind == "array":
        return []
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return False
    formats = {"date-time": "2026-01-01T00:00:00Z", "uri": "https://forge.invalid/x",
               "uri-template": "https://forge.invalid/x", "email": "x@forge.invalid"}
    return formats.get(schema.get("format"), "x" * schema.get("minLength", 1))


(folder / "shapes.json").write_text(
    json.dumps({name: smallest(schemas[schema], top=True) for name, schema in SHAPES.items()},
               indent=1, sort_keys=True) + "\n")

missing = [path for path in KEEP if path not in source["paths"]]
assert not missing, missing
source["paths"] = {path: {verb: value for verb, value in source["paths"][path].items()
                          if verb in verbs or verb == "parameters"} for path, verbs in KEEP.items()}
source.pop("webhooks", None)
source.pop("x-webhooks", None)
basic_error = {"$ref": "#/components/schemas/basic-error"}
for path in source["paths"].values():
    for operation in path.values():
        for status in ("401", "403", "404", "429"):
            operation["responses"].setdefault(status, {
                "description": "Any call", "content": {"application/json": {"schema": basic_error}}})
title = source["paths"]["/repos/{owner}/{repo}/pulls"]["post"]["requestBody"]
title["content"]["application/json"]["schema"]["required"].append("title")


def add_media_type(responses):
    for response in responses.values():
        content = response.get("content")
        if content and "application/json" in content:
            content["application/vnd.github+json"] = content["application/json"]


for path in source["paths"].values():
    for operation in path.values():
        add_media_type(operation["responses"])
add_media_type(source["components"]["responses"])

needed = set()


def walk(node):
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/") \
                and reference not in needed:
            needed.add(reference)
            _, _, kind, name = reference.split("/", 3)
            walk(source["components"][kind][name])
        for value in node.values():
            walk(value)
    elif isinstance(node, list):
        for value in node:
            walk(value)


def without_examples(node, is_property_list=False):
    """Examples decide nothing and are most of the bytes."""
    if isinstance(node, dict):
        drop = () if is_property_list else ("examples", "example", "externalDocs", "x-github")
        return {key: without_examples(value, key == "properties" and not is_property_list)
                for key, value in node.items() if key not in drop}
    if isinstance(node, list):
        return [without_examples(value) for value in node]
    return node


walk(source["paths"])
source["components"] = {
    kind: {name: value for name, value in group.items() if f"#/components/{kind}/{name}" in needed}
    for kind, group in source["components"].items()}
source["components"] = {kind: group for kind, group in source["components"].items()
                        if group and kind != "examples"}
source["paths"] = without_examples(source["paths"])
source["components"] = without_examples(source["components"])
(folder / "github.json").write_text(json.dumps(source, sort_keys=True, separators=(",", ":")) + "\n")
