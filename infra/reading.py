"""Reads the project's files: the guide and a stack's settings, checked before anything is declared.

Pulumi's engine hands the program its configuration as text by key, with objects as JSON. The stack
file is read beside it, for the lines of mistakes. Without an engine the same text is made from the
file. No Pulumi here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast

from infra import guide_rules, settings_rules
from infra.findings import Finding
from infra.guide import Guide
from infra.mistakes import ConfigurationError, Mistake
from infra.settings import Settings
from infra.validation import mistake, one_of, shown, validate
from infra.yaml_file import Document, KeyPath, at, parse, read, written

ROOT: Final = Path(__file__).parent.parent
"""The project's folder."""

GUIDE_FILE: Final = "operations.yaml"
_STACK_FILE_KEYS: Final = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")
"""What Pulumi itself puts into a stack file. https://www.pulumi.com/docs/iac/concepts/config/"""
_FOREIGN: Final = ("aws:", "pulumi:")
"""Configuration of the AWS provider and of Pulumi is theirs to check."""
_CREDENTIALS: Final = ("aws:accessKey", "aws:secretKey", "aws:token", "datadog:", "pagerduty:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What the files say, all of it checked."""

    settings: Settings
    guide: Guide


def read_guide(root: Path = ROOT) -> Guide:
    """Reads `operations.yaml`.

    Raises:
        ConfigurationError: every mistake in it.
    """
    # Who writes a secret's value into the guide shall not find it in a log as well.
    document = replace(read(root / GUIDE_FILE), secrets=frozenset({"value"}))
    guide = validate(Guide, document.value, document)
    _refuse(_mistakes(document, document.value, guide_rules.check(guide)))
    return guide


def stack_configuration(stack: str, root: Path = ROOT) -> dict[str, str]:
    """What Pulumi's engine would hand a program of that stack: text by key, objects as JSON.

    Raises:
        ConfigurationError: there is no such stack, its file is malformed, a key does not belong there
            or a value is encrypted.
    """
    return _configuration(_stack_document(stack, root))


def check_stack_file(stack: str, text: str, root: Path = ROOT) -> None:
    """Holds what a stack's file is going to say against everything that is asked of it.

    Args:
        stack: the stack's name; it has a file already.
        text: the file's new text.
        root: the project's folder.

    Raises:
        ConfigurationError: every mistake, as `read_project` would find it in that file.
    """
    document = _of_shape(parse(text, _stack_file(stack, root).name))
    read_project(stack, _configuration(document).get, root=root)


def read_project(
    stack: str,
    lookup: Callable[[str], str | None],
    *,
    root: Path = ROOT,
    is_secret: Callable[[str], bool] = lambda _key: False,
) -> Project:
    """Reads the guide, and holds a stack's configuration against it.

    Args:
        stack: the stack's name.
        lookup: what the engine says to a key (`aws:region`), or `stack_configuration(stack).get`.
        root: the project's folder.
        is_secret: whether no message may show the value of a key.

    Raises:
        ConfigurationError: every mistake in either. What has to fit together is looked at when
            everything fits by itself.
    """
    mistakes: list[Mistake] = []
    guide = settings = None
    try:
        guide = read_guide(root)
    except ConfigurationError as error:
        mistakes += error.mistakes
    try:
        document = _lines(stack, root)
        in_file: Mapping[str, Any] = document.value["config"]
        keys = dict.fromkeys((*Settings.configuration_keys(), *map(_qualified, in_file)))
        document = replace(document, secrets=frozenset(filter(is_secret, keys)))
        mistakes += _misplaced(document, in_file)
        values = {
            key: _as_in_file(_decoded(text), in_file.get(key))
            for key in keys
            if _is_ours(key) and (text := lookup(key)) is not None
        }
        settings = validate(Settings, {"stack": stack, **values}, document, below=("config",))
        mistakes += _mistakes(document, {"config": values}, _missing_files(settings, root))
        if guide is not None:
            mistakes += _mistakes(document, {"config": values}, settings_rules.check(settings, guide))
    except ConfigurationError as error:
        mistakes += error.mistakes
    if mistakes or settings is None or guide is None:
        raise ConfigurationError(mistakes)
    return Project(settings=settings, guide=guide)


def _is_ours(key: str) -> bool:
    """Whether a key is a setting, or what was meant to be one."""
    settings = Settings.configuration_keys()
    if key in settings:
        return True
    if key.startswith(_FOREIGN):
        return bool(get_close_matches(key, settings, n=1, cutoff=0.8))
    return not key.startswith(_CREDENTIALS)


def _missing_files(settings: Settings, root: Path) -> Iterator[Finding]:
    if not (root / settings.access.saml_metadata).is_file():
        path = ("config", "syncup:access", "saml_metadata")
        yield Finding(path, "there is no such file: save the identity provider's metadata there")


def _stack_file(stack: str, root: Path) -> Path:
    return root / f"Pulumi.{stack}.yaml"


def _stack_document(stack: str, root: Path) -> Document:
    """A stack's file, of the shape that Pulumi gives it."""
    path = _stack_file(stack, root)
    if not path.exists():
        stacks = sorted(file.name.split(".")[1] for file in root.glob("Pulumi.*.yaml"))
        raise ConfigurationError(
            [Mistake(path.name, 0, f"there is no stack {stack}: {one_of(stacks, stack)}")]
        )
    return _of_shape(read(path))


def _of_shape(document: Document) -> Document:
    """The same document, if it is what Pulumi takes for a stack's file."""
    file = document.file
    if not isinstance(at(document.value, ()), dict):
        raise ConfigurationError([Mistake(file, 1, "the file is no mapping: it begins with config:")])
    keys: dict[str, Any] = document.value
    _refuse(
        Mistake(file, document.line((key,)), f"{key} is no known key: {one_of(_STACK_FILE_KEYS, key)}")
        for key in keys
        if key not in _STACK_FILE_KEYS
    )
    if not isinstance(keys.get("config"), dict):
        raise ConfigurationError(
            [Mistake(file, document.line(("config",)), "config is empty: write the settings below it")]
        )
    return document


def _configuration(document: Document) -> dict[str, str]:
    values: Mapping[str, Any] = document.value["config"]
    _refuse(_misplaced(document, values))
    _refuse(_encrypted(document, ("config",), values))
    return {_qualified(key): _encoded(value) for key, value in values.items()}


def _lines(stack: str, root: Path) -> Document:
    """The stack's file, for its lines and keys. An engine may have its configuration from elsewhere."""
    path = _stack_file(stack, root)
    return _stack_document(stack, root) if path.exists() else Document(path.name, {"config": {}}, {})


def _qualified(key: str) -> str:
    """A key with its namespace, which for Pulumi is the project's where none is given."""
    return key if ":" in key else f"syncup:{key}"


def _misplaced(document: Document, keys: Iterable[str]) -> Iterator[Mistake]:
    """Credentials, and keys that leave their namespace to be guessed."""
    for key in keys:
        if key.startswith(_CREDENTIALS):
            text = f"{key} is a credential: it comes from the environment, `pulumi config rm {key}`"
            yield Mistake(document.file, document.line(("config", key)), text)
        elif key != _qualified(key):
            text = f"{key} has no namespace: write {_qualified(key)}"
            yield Mistake(document.file, document.line(("config", key)), text)


def _encrypted(document: Document, path: KeyPath, value: Any) -> Iterator[Mistake]:
    """Values that only an engine can decrypt."""
    if isinstance(value, dict):
        values = cast("dict[str, Any]", value)
        if list(values) == ["secure"]:
            remedy = "only Pulumi can read it, so preview with --engine pulumi"
            yield Mistake(document.file, document.line(path), f"{written(path)} is encrypted: {remedy}")
        for key, inner in values.items():
            yield from _encrypted(document, (*path, key), inner)


def _encoded(value: Any) -> str:
    """A value as the engine hands it over."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else shown(value)


def _decoded(text: str) -> Any:
    """What the text of the engine stands for. Only objects and lists are JSON."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _as_in_file(value: Any, in_file: Any) -> Any:
    """A value with the types that the file gives it.

    Some versions of Pulumi hand over numbers and truths inside objects as text
    (https://github.com/pulumi/pulumi/issues/21219). Where the file has the same without quotes, the
    file's type is right; text that is quoted there stays text, and a mistake.
    """
    if isinstance(value, dict) and isinstance(in_file, dict):
        values = cast("dict[str, Any]", value)
        return {key: _as_in_file(inner, at(in_file, (key,))) for key, inner in values.items()}
    if isinstance(value, list) and isinstance(in_file, list):
        items = cast("list[Any]", value)
        return [_as_in_file(inner, at(in_file, (index,))) for index, inner in enumerate(items)]
    lost_its_type = isinstance(value, str) and isinstance(in_file, int | float) and value == shown(in_file)
    return in_file if lost_its_type else cast("Any", value)


def _mistakes(document: Document, value: Any, findings: Iterable[Finding]) -> Iterator[Mistake]:
    for finding in findings:
        yield mistake(document, finding.path, at(value, finding.path), finding.problem)


def _refuse(mistakes: Iterable[Mistake]) -> None:
    found = list(mistakes)
    if found:
        raise ConfigurationError(found)
