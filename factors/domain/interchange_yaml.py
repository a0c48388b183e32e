"""
YAML, as little of it as a list needs, and nothing that bites.

Only `true` and `false` are truths, so that a code `NO` stays a text. Days stay texts. A key
twice is refused, since readers differ in which one they take; so are anchors and aliases, by
which a small file can stand for an endless one.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")
_SCALARS = (
    # what a plain word may be besides a text: its tag, its form, and how it may begin
    ("bool", re.compile(r"^(?:true|false)$"), "tf"),
    ("int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), "-0123456789"),
    (
        "float",
        re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"),
        "-0123456789",
    ),
    ("null", re.compile(r"^(?:null|~|)$"), ("n", "~", "")),
)


class YamlFault(ValueError):
    """A file that is no YAML of this kind; `code` and `facts` are those of a problem."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def write_yaml(document: Mapping[str, Any]) -> bytes:
    """Return a document as YAML, in the order of its members."""
    text = yaml.dump(
        dict(document),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
        default_flow_style=False,
    )
    return str(text).encode()


def read_yaml(text: str) -> Any:
    """
    Read YAML.

    :raises YamlFault: if it is none, has a key twice, or uses an anchor, an alias or a tag.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - made of SafeLoader, with less
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 0
        reason = f"{fault.problem} ({line})"
        raise YamlFault("file_unreadable", reason=reason) from fault
    except yaml.YAMLError as fault:
        raise YamlFault("file_unreadable", reason=str(fault)[:80]) from fault


class _Loader(yaml.SafeLoader):
    """Objects, lists, texts, whole numbers, decimals, true, false and null."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the library has no types here
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlFault("alias_used", line=event.start_mark.line + 1)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key.value, str) or key.value in seen:
                raise YamlFault("key_twice", key=str(key.value))
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Texts that another reader of YAML would take for something else are quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> Any:
        """Quote what is no plain word, so that no reader bends it."""
        plain = _PLAIN.fullmatch(data) and not any(each.match(data) for _, each, _ in _SCALARS)
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if plain else '"')


_Dumper.add_representer(str, _Dumper.represent_text)
for _tag, _pattern, _firsts in _SCALARS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, list(_firsts))
