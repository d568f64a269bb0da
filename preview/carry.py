"""Carries what a project declares from one process to another, without a secret.

Run as a script it evaluates a project by the project's own modules, whatever their revision, and writes
what they declare as JSON. It therefore imports nothing but the standard library, and goes by the names of
classes and attributes, not by the classes. A secret leaves the process only as a digest with a salt of the
caller's, so that two evaluations can be compared and no value be had.

    {"project": …, "stack": …, "resources": [{"urn": …, "inputs": …, "known": …, …}]}

Values are JSON, except `{"$unknown": true}`, `{"$secret": DIGEST}`, `{"$resource": URN}`,
`{"$asset": [KIND, FORM, SOURCE, DIGEST]}`, and `{"$map": …}` for a map that has a key which begins so.
"""

import gc
import hashlib
import hmac
import importlib
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

_SHORTEST_SECRET = 6
_NAMES = ["urn", "type", "name", "parent", "custom", "read", "source"]
_DEPENDENCIES = ["dependencies", "property_dependencies"]
_OPTIONS = ["protect", "retain_on_delete", "replace_on_changes", "ignore_changes", "aliases"]

Carried = dict[str, Any]
"""What a project declares, as JSON can say it."""


def carried(evaluation: Any, directory: Path, salt: bytes) -> Carried:
    """What a project declares, of which no secret can be read.

    Args:
        evaluation: with the attributes `project`, `stack`, `graph` and `known`, of any revision.
        directory: the project's folder, from which files are named.
        salt: of the digests of secrets.
    """
    writer = _Writer(directory, salt, _secrets_of(evaluation))
    known = {resource.urn: resource for resource in evaluation.known.resources}
    return {
        "project": evaluation.project,
        "stack": evaluation.stack,
        "resources": [_resource(one, known.get(one.urn, one), writer) for one in evaluation.graph.resources],
    }


def _resource(resource: Any, known: Any, writer: "_Writer") -> Carried:
    options = getattr(resource, "options", None)
    return {
        **{name: writer.write(getattr(resource, name, None)) for name in (*_NAMES, *_DEPENDENCIES)},
        "options": {name: writer.write(getattr(options, name, None)) for name in _OPTIONS},
        "inputs": writer.write(resource.inputs),
        "known": writer.write(known.inputs),
        "id": writer.write(getattr(known, "id", "")),
        "outputs": writer.write({k: v for k, v in known.outputs.items() if isinstance(v, str)}),
    }


def _secrets_of(evaluation: Any) -> frozenset[str]:
    """Secret texts, which may be part of a text that nobody marked."""
    found: set[str] = set()
    for graph in (evaluation.graph, evaluation.known):
        for resource in graph.resources:
            found |= set(_secret_texts(resource.inputs, secret=False))
    return frozenset(text for text in found if len(text) >= _SHORTEST_SECRET)


def _secret_texts(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, str):
        if secret:
            yield value
    elif isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            yield from _secret_texts(item, secret=secret)
    elif isinstance(value, list | tuple):
        for item in cast("list[Any]", value):
            yield from _secret_texts(item, secret=secret)
    elif type(value).__name__ == "Secret":
        yield from _secret_texts(value.value, secret=True)


class _Writer:
    """Writes values as JSON can say them."""

    def __init__(self, directory: Path, salt: bytes, secrets: frozenset[str]) -> None:
        self._directory = directory.resolve()
        self._salt = salt
        self._secrets = sorted(secrets, key=len, reverse=True)

    def write(self, value: Any) -> Any:  # noqa: PLR0911 (one case per kind of value)
        if isinstance(value, str):
            return self._without_secrets(value)
        if isinstance(value, dict):
            properties = {name: self.write(item) for name, item in cast("dict[str, Any]", value).items()}
            return {"$map": properties} if any(name[:1] == "$" for name in properties) else properties
        if isinstance(value, list | tuple):
            return [self.write(item) for item in cast("list[Any]", value)]
        match type(value).__name__:
            case "Unknown":
                return {"$unknown": True}
            case "Secret":
                return {"$secret": self._digest(value.value)}
            case "ResourceReference":
                return {"$resource": value.urn}
            case "Asset":
                return {"$asset": [value.kind, value.form, *self._source(value)]}
            case _:
                return value

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, f"[secret {self._digest(secret)[:12]}]")
        return text

    def _digest(self, value: Any) -> str:
        text = json.dumps(_plain(value), sort_keys=True, default=repr)
        return hmac.new(self._salt, text.encode(), hashlib.sha256).hexdigest()

    def _source(self, asset: Any) -> tuple[Any, str]:
        """Where an asset's content is from, and its digest; none where the file is not there (yet)."""
        if asset.form == "assets":
            members = {name: self.write(member) for name, member in asset.source.items()}
            return members, ""
        if asset.form == "text":
            return "", self._digest(asset.source)
        if asset.form != "path":
            return asset.source, ""
        file = self._directory / asset.source
        resolved = file.resolve()
        inside = resolved.is_relative_to(self._directory)
        return str(resolved.relative_to(self._directory)) if inside else asset.source, _content(file)


def _plain(value: Any) -> Any:
    """A value inside a secret, where the classes no longer matter."""
    if type(value).__name__ in ("Secret", "Unknown", "Asset", "ResourceReference"):
        inner = {
            n: getattr(value, n) for n in ("value", "kind", "form", "source", "urn") if hasattr(value, n)
        }
        return {type(value).__name__: _plain(inner)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value


def _content(file: Path) -> str:
    """The digest of a file, of a folder's files, or of an archive's members, whenever they were packed."""
    digest = hashlib.sha256()
    if file.is_dir():
        for path in sorted(path for path in file.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(file)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    elif file.is_file() and zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            # The archive itself has a checksum of each member.
            for member in sorted(archive.infolist(), key=lambda member: member.filename):
                digest.update(f"{member.filename}\0{member.file_size}\0{member.CRC}\0".encode())
    elif file.is_file():
        digest.update(file.read_bytes())
    else:
        return ""
    return digest.hexdigest()


_HERE = Path(__file__).resolve().parent.parent
"""The folder of the project that this file is of."""
_OURS = frozenset({"preview", "facts", "policies"})
"""What evaluates a project that cannot do it by itself."""


def _only_modules_of(directory: Path) -> None:
    """Lets every module of a project come from its folder, also where another one is installed to be edited.

    Such an installation answers for each package that the folder lacks, or stands on the path by itself.
    """
    sys.meta_path[:] = [
        one for one in sys.meta_path if not getattr(one, "__module__", "").startswith("__editable__")
    ]
    sys.path[:] = [one for one in sys.path if not _is_ours(Path(one))]
    sys.path.insert(0, str(directory))
    if not (directory / "preview" / "project.py").is_file():
        sys.path.append(str(_HERE))


def _is_ours(path: Path) -> bool:
    """Whether a path is the folder of the project that this file is of, or in it, and in no environment."""
    resolved = path.resolve()
    return resolved.is_relative_to(_HERE) and not resolved.is_relative_to(Path(sys.prefix).resolve())


def _foreign(directory: Path) -> Iterator[str]:
    """The modules that should be from a project's folder and are from that of this file."""
    borrowed = frozenset[str]() if (directory / "preview" / "project.py").is_file() else _OURS
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "")
        if not file.is_file() or file.resolve() == Path(__file__).resolve():
            continue
        if _is_ours(file) and name.partition(".")[0] not in borrowed:
            yield name


def main() -> int:
    """Evaluates the project that a file asks for, and writes it to the file that it names."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    directory, file = Path(asked["directory"]), Path(asked["output"])
    _only_modules_of(directory)
    # The process is short: to search its memory for garbage takes longer than what it does.
    gc.disable()
    project = importlib.import_module("preview.project")
    try:
        evaluation = project.evaluate_project(directory, asked["stack"])
        result = carried(evaluation, directory, bytes.fromhex(asked["salt"]))
    except project.ProjectError as error:
        result = {"error": str(error)}
    foreign = sorted(_foreign(directory))
    if foreign and "error" not in result:
        result = {"error": f"it imports what only a later revision has: {', '.join(foreign)}"}
    file.write_text(json.dumps(result), encoding="utf-8")
    # Nor at its end.
    gc.freeze()
    return 0


if __name__ == "__main__":
    sys.exit(main())
