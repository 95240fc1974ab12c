"""What is wrong with the files of a portfolio: every fault by file, line, field and value."""

from __future__ import annotations

from dataclasses import dataclass, field

from rongqiao.lending.servicing.taking_over.columns import File

# Beyond these a file is not mistaken in places but wrong as a whole.
MOST_TOLD = 1_000
LONGEST_VALUE = 60


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong. Line 0 is the file as a whole; `allowed` is what would be right.

    `code` is stable; the sentence is the reader's affair.
    """

    file: File
    line: int
    field: str
    value: str
    code: str
    allowed: str = ""


@dataclass
class Faults:
    """All faults found; the first thousand in words, the rest by their number."""

    told: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(
        self, file: File, line: int, name: str, value: object, code: str, allowed: object = ""
    ) -> None:
        """Note a fault."""
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self.told.append(
                Fault(
                    file=file,
                    line=line,
                    field=name,
                    value=_shown(value),
                    code=f"import.{code}",
                    allowed=str(allowed),
                )
            )

    @property
    def in_order(self) -> tuple[Fault, ...]:
        """Return what is told, by file and line."""
        files = list(File)
        return tuple(sorted(self.told, key=lambda one: (files.index(one.file), one.line)))


def _shown(value: object) -> str:
    text = "".join(letter if letter.isprintable() else "�" for letter in str(value))
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
