"""Holds the English of every sentence: `check` (the default) or `write` the catalogue anew.

Sentences are found as Django finds them: gettext calls of the source, and the translate tags of
the parsed templates. No gettext programs are needed; the compiled catalogue follows from the text.
"""

from __future__ import annotations

import ast
import os
import re
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "rongqiao"
TEMPLATES = SOURCE / "web" / "templates"
CATALOGUE = SOURCE / "web" / "locale" / "en" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
HEADER = (
    "Project-Id-Version: rongqiao\n"
    "Language: en\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
PLACE = re.compile(r"%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?[sdif%]")
IN_TAG = re.compile(r'_\("([^"]+)"\)')


@dataclass
class Entry:
    """A sentence: its plural, where there is one, and its English in one or two forms."""

    plural: str = ""
    english: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Tell whether every form has its English."""
        return len(self.english) == (2 if self.plural else 1) and all(self.english)


def main() -> int:
    """Return 0 where all holds or was written, 1 with one line for each sentence that lacks."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongqiao.config.settings")
    os.environ.setdefault("RONGQIAO_VAR", tempfile.mkdtemp())
    django.setup()
    wanted = dict(sorted({**found_in_source(), **found_in_templates()}.items()))
    held = read(CATALOGUE.read_text()) if CATALOGUE.exists() else {}
    for sentence, entry in wanted.items():
        if sentence in held and held[sentence].plural == entry.plural:
            entry.english = held[sentence].english
    if "write" in sys.argv[1:]:
        CATALOGUE.write_text(written(wanted))
        COMPILED.write_bytes(machine_form(wanted))
    problems = [*lacking(wanted), *stale(wanted)]
    print(*problems, sep="\n", end="\n" if problems else "")
    if problems:
        print("mend: tools/translations.py write; fill in the English of django.po; write again")
    return 1 if problems else 0


def stale(wanted: dict[str, Entry]) -> Iterator[str]:
    """Yield what on disk is not what the sentences make."""
    if CATALOGUE.read_text() != written(wanted):
        held = read(CATALOGUE.read_text())
        yield from (f"no longer said: {one}" for one in held.keys() - wanted.keys())
        yield "the catalogue is not as it would be written"
    if not COMPILED.exists() or COMPILED.read_bytes() != machine_form(wanted):
        yield "the compiled catalogue is not that of the text"


def lacking(entries: dict[str, Entry]) -> Iterator[str]:
    """Yield what is wrong with sentences: no English, or other places than the Chinese has."""
    for sentence, entry in entries.items():
        if not entry.is_whole:
            yield f"no English: {sentence}"
            continue
        for english in entry.english:
            if places(english) - places(sentence):
                yield f"places differ: {sentence} / {english}"


def places(text: str) -> set[str]:
    """Return the names that a text leaves open."""
    return {found.group(1) or found.group(0) for found in PLACE.finditer(text)} - {"%%"}


def found_in_source() -> dict[str, Entry]:
    """Return the sentences of gettext calls."""
    found: dict[str, Entry] = {}
    for path in SOURCE.glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).rsplit(".", 1)[-1]
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            texts = [text for text in texts if isinstance(text, str)]
            if called in SINGLE and texts:
                found[texts[0]] = Entry()
            elif called in PLURAL and len(texts) > 1:
                found[texts[0]] = Entry(plural=texts[1])
    return found


def found_in_templates() -> dict[str, Entry]:
    """Return the sentences of translate tags and of `_("…")` inside tags."""
    engine: Any = engines["django"].engine
    found: dict[str, Entry] = {}
    for path in (one for one in TEMPLATES.glob("**/*") if one.suffix in {".html", ".txt"}):
        text = path.read_text()
        found |= {sentence: Entry() for sentence in IN_TAG.findall(text)}
        nodes = engine.from_string(text).nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            literal = node.filter_expression.var.literal
            if isinstance(literal, str):
                found[literal.replace("%", "%%")] = Entry()
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            singular, _ = node.render_token_list(node.singular)
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            found[singular] = Entry(plural=plural)
    return found


def read(text: str) -> dict[str, Entry]:
    """Return the entries of a catalogue's text, its header left out."""
    entries: dict[str, Entry] = {}
    for block in text.split("\n\n"):
        parts: dict[str, str] = {}
        at = ""
        for line in block.splitlines():
            started = re.fullmatch(r'(msg\w+(?:\[\d\])?) (".*")', line)
            if started:
                at = started.group(1)
                parts[at] = ast.literal_eval(started.group(2))
            elif line.startswith('"'):
                parts[at] += ast.literal_eval(line)
        if parts.get("msgid"):
            forms = [parts[name] for name in sorted(parts) if name.startswith("msgstr")]
            entries[parts["msgid"]] = Entry(parts.get("msgid_plural", ""), forms)
    return entries


def written(entries: dict[str, Entry]) -> str:
    """Return the catalogue's text, in the order of the sentences."""
    blocks = ['msgid ""\nmsgstr ""\n' + "\n".join(quoted(line) for line in lines(HEADER))]
    for sentence, entry in entries.items():
        out = ["#, python-format"] if places(sentence) else []
        out.append(f"msgid {quoted(sentence)}")
        if entry.plural:
            forms = [*entry.english, "", ""][:2]
            out.append(f"msgid_plural {quoted(entry.plural)}")
            out += [f"msgstr[{k}] {quoted(form)}" for k, form in enumerate(forms)]
        else:
            out.append(f"msgstr {quoted(entry.english[0] if entry.english else '')}")
        blocks.append("\n".join(out))
    return "\n\n".join(blocks) + "\n"


def lines(text: str) -> list[str]:
    """Return the lines of a text, ends kept."""
    return text.splitlines(keepends=True)


def quoted(text: str) -> str:
    """Return a text as catalogues write it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def machine_form(entries: dict[str, Entry]) -> bytes:
    """Return the catalogue as gettext reads it: two tables of lengths and places, then texts."""
    texts = {b"": HEADER.encode()}
    for sentence, entry in entries.items():
        if entry.is_whole:
            key = f"{sentence}\0{entry.plural}" if entry.plural else sentence
            texts[key.encode()] = "\0".join(entry.english).encode()
    pairs = sorted(texts.items())
    at = 28 + 16 * len(pairs)
    tables, body = [], b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), at + len(body)))
            body += pair[side] + b"\0"
    count = len(pairs)
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return head + b"".join(tables) + body


if __name__ == "__main__":
    sys.exit(main())
