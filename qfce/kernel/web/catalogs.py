"""
The Chinese of every page: message files compiled, and held against what the pages say.

Run as a module it writes each .mo beside its .po, with Babel in place of gettext's programs,
and prints what has no Chinese yet. Each app keeps the words of its own pages.
"""

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[3]
APPS = ("qfce", "factors", "sharing", "evaluation", "lending", "risk")
LOCALE = Path("locale") / "zh_Hans" / "LC_MESSAGES"
Key = tuple[str | None, str]  # context and msgid

# name of the function -> position of the context, of the msgid and of the plural
FUNCTIONS: dict[str, tuple[int | None, int]] = {
    "gettext": (None, 0),
    "gettext_lazy": (None, 0),
    "gettext_noop": (None, 0),
    "_": (None, 0),
    "ngettext": (None, 0),
    "ngettext_lazy": (None, 0),
    "pgettext": (0, 1),
    "pgettext_lazy": (0, 1),
    "npgettext": (0, 1),
}


def po_file(app: str) -> Path:
    return ROOT / app / LOCALE / "django.po"


def read(file: Path) -> Catalog:
    """Return a message file; an app without one has no words."""
    if not file.exists():
        return Catalog(locale="zh_Hans")
    with file.open("rb") as source:
        return read_po(source, locale="zh_Hans", abort_invalid=True)


def compiled(catalog: Catalog) -> bytes:
    """Return what stands in the .mo for a message file."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def translated() -> set[Key]:
    """Return what has Chinese in any of the message files."""
    return {
        (message.context, _first(message.id))
        for app in APPS
        for message in read(po_file(app))
        if message.id and message.string and _first(message.string) and not message.fuzzy
    }


def said() -> dict[Key, str]:
    """Return every msgid of templates and page code, with one file that says it."""
    found: dict[Key, str] = {}
    for file in sorted((ROOT / "templates").rglob("*.html")):
        if "gallery" not in file.parts:
            source = templatize(file.read_text(encoding="utf-8"))
            for key in _calls(_as_python(source)):
                found.setdefault(key, str(file.relative_to(ROOT)))
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in file.parts:
                for key in _calls(file.read_text(encoding="utf-8")):
                    found.setdefault(key, str(file.relative_to(ROOT)))
    return found


def missing() -> dict[Key, str]:
    """Return what a Chinese reader would read in English."""
    known = translated()
    return {key: file for key, file in said().items() if key not in known}


def _calls(source: str) -> Iterator[Key]:
    """Yield the msgids of all calls in Python whose arguments are constants."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in FUNCTIONS:
            continue
        context_at, text_at = FUNCTIONS[name]
        texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
        if len(texts) > text_at and isinstance(texts[text_at], str) and texts[text_at]:
            context = str(texts[context_at]) if context_at is not None else None
            yield context, str(texts[text_at])


def _as_python(templatized: str) -> str:
    """Return only the calls that Django's extractor writes into a template's shadow."""
    calls = re.findall(
        r"""\b(n?p?gettext\((?:\s*u?(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?)+(?:\s*count\))?\)?)""",
        templatized,
        re.DOTALL,
    )
    lines = []
    for call in calls:
        body = call.replace("count)", "0)").rstrip()
        lines.append(body if body.endswith(")") else body + "0)")
    return "\n".join(lines)


def _first(text: object) -> str:
    return str(text[0]) if isinstance(text, list | tuple) else str(text)


def main() -> int:
    for app in APPS:
        file = po_file(app)
        if file.exists():
            file.with_suffix(".mo").write_bytes(compiled(read(file)))
    left = missing()
    for (context, text), place in sorted(left.items(), key=lambda item: (item[1], item[0][1])):
        sys.stdout.write(f"{place}: {f'[{context}] ' if context else ''}{text}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
