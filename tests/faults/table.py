"""The table of fault tests that `make faults` prints: what each test showed, and what it must."""

from dataclasses import dataclass

# Numbers of the table in the design of the books; without one of these the run does not hold.
REQUIRED = {*range(1, 13), 14, 15, 16, 17, 19, 21, 22, 27, 29, 30, 31, 32, 34, 35, 36}
HELD, BROKEN, SKIPPED = "yes", "NO", "skipped"
HEADINGS = ("#", "test", "rounds", "figure", "needed", "held")


@dataclass(frozen=True)
class Line:
    """One line of the table, all of it text but its number."""

    number: int
    title: str
    rounds: str
    figure: str
    needed: str
    held: str

    @property
    def cells(self):
        return (str(self.number), *(str(cell) for cell in self._words()))

    def _words(self):
        return self.title, self.rounds, self.figure, self.needed, self.held


def missing(lines):
    """Return the required numbers that no line tells of."""
    return sorted(REQUIRED - {line.number for line in lines})


def broken(lines):
    return [line for line in lines if line.held == BROKEN]


def lay_out(lines):
    """Return the table as text lines, columns aligned, in order of number."""
    rows = [HEADINGS, *(line.cells for line in sorted(lines, key=lambda line: line.number))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
