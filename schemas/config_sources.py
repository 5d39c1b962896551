"""Where configuration comes from: the file, over it the environment, over that the command line."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.config_rules import from_text
from schemas.config_sections import RULES

PREFIX = "LESSONROOM_"
_BY_VARIABLE = {
    f"{PREFIX}{section}__{key}".upper(): (section, key) for section, keys in RULES.items() for key in keys
}


class ConfigError(Exception):
    """The configuration can't be used; the text has a line for each wrong key, with its source."""


@dataclass(slots=True)
class Raw:
    """What was said, unchecked: `values[section][key]`, where each came from, and what is wrong already."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def put(self, section: str, key: str, value: Any, source: str) -> None:
        """Take `value` for a key over whatever was said before."""
        self.values.setdefault(section, {})[key] = value
        self.sources[f"{section}.{key}"] = source

    def wrong(self, path: str, message: str, source: str | None = None) -> None:
        """Note that `path` ("limits.message_bytes") is wrong; the source, if not given, is what set it."""
        said = source or self.sources.get(".".join(path.split(".")[:2]))
        self.problems.append(f"{path} ({said}): {message}" if said else f"{path}: {message}")


def read_file(raw: Raw, path: Path) -> None:
    """Take every key of the TOML file; ConfigError when there is no such file or it is no TOML."""
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror or problem}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: this is no TOML: {problem}") from None
    for section, keys in sections.items():
        if section not in RULES:
            raw.wrong(section, f"there is no such section{_meant(section, RULES)}", str(path))
        elif not isinstance(keys, dict):
            raw.wrong(section, "must be a table, [" + section + "]", str(path))
        else:
            _take(raw, section, keys, str(path))


def read_environment(raw: Raw, environ: Mapping[str, str]) -> None:
    """Take every `LESSONROOM_<SECTION>__<KEY>`; another name with that beginning is a problem."""
    for variable, value in sorted(environ.items()):
        if variable in _BY_VARIABLE:
            _take_text(raw, *_BY_VARIABLE[variable], value, variable)
        elif variable.startswith(PREFIX):
            raw.problems.append(
                f"{variable} (environment): there is no such key{_meant(variable, _BY_VARIABLE)}"
            )


def read_options(raw: Raw, options: Mapping[str, str]) -> None:
    """Take what the command line said, as `{"server.port": "8001"}`."""
    for path, value in options.items():
        section, _, key = path.partition(".")
        _take_text(raw, section, key, value, "command line")


def _take(raw: Raw, section: str, keys: Mapping[str, Any], source: str) -> None:
    for key, value in keys.items():
        if key in RULES[section]:
            raw.put(section, key, value, source)
        else:
            raw.wrong(f"{section}.{key}", f"there is no such key{_meant(key, RULES[section])}", source)


def _take_text(raw: Raw, section: str, key: str, text: str, source: str) -> None:
    try:
        raw.put(section, key, from_text(RULES[section][key], text), source)
    except ValueError as problem:
        raw.wrong(f"{section}.{key}", str(problem), source)


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
