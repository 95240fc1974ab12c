"""Run the rules over a town as its days go by, and count what was found and who was troubled.

`python -m tests.risk.fraud.measuring` prints the table of docs/fraud.md.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from rongqiao.risk.fraud.attributes import BEARINGS, Kind
from rongqiao.risk.fraud.graph import Groups
from rongqiao.risk.fraud.profile import SHARED, Deed, DeviceSeen, Profile, values_of
from rongqiao.risk.fraud.rule_sets import CURRENT
from rongqiao.risk.fraud.rules import Outcome, assess
from rongqiao.risk.fraud.velocity import counts
from tests.risk.fraud.town import END, build

HEADS = (
    "| pattern | people | found | recall | leading rules "
    "| alarms of the leading rule per 1,000 innocents | its precision |"
)


@dataclass
class Watcher:
    """What a platform that has seen these sightings knows, kept in plain dictionaries."""

    white: frozenset = frozenset()
    groups: Groups = field(default_factory=Groups)
    holders: dict = field(default_factory=lambda: defaultdict(dict))
    marks: dict = field(default_factory=lambda: defaultdict(dict))
    deeds: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def see(self, sighting):
        self.deeds[sighting.subject][sighting.deed].append(sighting.at)
        for mark in sighting.marks:
            first, _ = self.marks[sighting.subject].get(mark, (sighting.at, None))
            self.marks[sighting.subject][mark] = (first, sighting.at)
            self.holders[mark].setdefault(sighting.subject, sighting.at)
            if mark not in self.white:
                self.groups.add(sighting.subject, mark)

    def profile(self, subject, at):
        own = {mark: seen for mark, seen in self.marks[subject].items() if mark not in self.white}
        shared = defaultdict(int)
        for mark in own:
            count = len(self.holders[mark])
            if mark[0] in SHARED and count <= BEARINGS[mark[0]].most:
                shared[mark[0]] = max(shared[mark[0]], count)
        deeds = self.deeds[subject]
        return Profile(
            holders=dict(shared),
            deeds={deed: counts(times, at) for deed, times in deeds.items()},
            devices=tuple(
                DeviceSeen(*seen)
                for mark, seen in self.marks[subject].items()
                if mark[0] is Kind.DEVICE
            ),
            card_at=max(deeds.get(Deed.CARD_ADDED, ()), default=None),
            contact_homes=self._homes(own),
            phone_neighbours=self._near(own, subject),
            network_registrations=self._registered(subject, own),
            ring_size=self.groups.size_of(subject),
        )

    def _homes(self, own):
        """In how many homes the busiest of the subject's contacts is named."""
        return max(
            (
                len(
                    {
                        m
                        for one in self.holders[mark]
                        for m in self.marks[one]
                        if m[0] is Kind.ADDRESS
                    }
                )
                for mark in own
                if mark[0] is Kind.CONTACT
            ),
            default=0,
        )

    def _near(self, own, subject):
        """How many others were first seen within a week with another phone of the same hundred."""
        found, alike = (
            0,
            [one for mark in own if mark[0] is Kind.PHONE for one in self.holders[mark]],
        )
        for mark in own:
            if mark[0] is Kind.PHONE_BLOCK:
                mine = self.holders[mark][subject]
                seen = self.holders[mark].values()
                near = sum(abs(one - mine) <= timedelta(days=7) for one in seen)
                found = max(found, near - len(alike))
        return found

    def _registered(self, subject, own):
        """Registrations from the subject's network in the hour up to its own, and after."""
        registered = self.deeds[subject].get(Deed.REGISTERED)
        if not registered:
            return 0
        found, span = 0, timedelta(hours=1)
        for mark in own:
            if mark[0] is Kind.NETWORK:
                times = [
                    self.deeds[one][Deed.REGISTERED][0]
                    for one in self.holders[mark]
                    if self.deeds[one].get(Deed.REGISTERED)
                ]
                near = sum(abs(one - registered[0]) <= span for one in times)
                found = max(found, near)
        return found


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    kind: str
    people: int
    alarmed: int
    rules: tuple
    precision: float | None
    troubled: int

    @property
    def share(self):
        return self.alarmed / self.people


def run(town, white=frozenset()):
    """Return by subject the rules of its gravest assessment that was not clear."""
    watcher, found = Watcher(white), {}

    def look(subject, at):
        assessment = assess(values_of(watcher.profile(subject, at)), CURRENT)
        if assessment.outcome is not Outcome.CLEAR:
            before = found.get(subject)
            if before is None or assessment.score > before.score:
                found[subject] = assessment

    for sighting in town.sightings:
        watcher.see(sighting)
        look(sighting.subject, sighting.at)
    for subject in town.kind_of:
        look(subject, END)
    return found, watcher


def table(town, found):
    """Return the lines of frauds and of innocents."""
    wrongly = Counter(rule.code for one in town.innocents & found.keys() for rule in found[one].met)
    rows = []
    people = Counter(town.kind_of.values())
    for kind, count in people.items():
        alarmed = [one for one, of in town.kind_of.items() if of == kind and one in found]
        codes = Counter(found[one].met[0].code for one in alarmed)
        precision, troubled = None, 0
        if kind in town.frauds and alarmed:
            troubled = wrongly[codes.most_common(1)[0][0]]
            precision = len(alarmed) / (len(alarmed) + troubled)
        rows.append(
            Row(
                kind,
                count,
                len(alarmed),
                tuple(c for c, _ in codes.most_common(2)),
                precision,
                troubled,
            )
        )
    return rows


def as_markdown(town, found, with_white):
    """Return the two tables of docs/fraud.md."""
    rows = {row.kind: row for row in table(town, found)}
    lines = [
        HEADS,
        "|---|---|---|---|---|---|---|",
    ]
    bad, good = len(town.kind_of) - len(town.innocents), len(town.innocents)
    for kind in town.frauds:
        row = rows[kind]
        lines.append(
            f"| {kind} | {row.people} | {row.alarmed} | {row.share:.2f} | "
            f"{', '.join(row.rules)} | {1000 * row.troubled / good:.1f} | {row.precision:.2f} |"
        )
    caught = len(found.keys() - town.innocents)
    wrong = len(town.innocents & found.keys())
    lines.append(
        f"| all | {bad} | {caught} | {caught / bad:.2f} | | {1000 * wrong / good:.1f} | "
        f"{caught / (caught + wrong):.2f} |"
    )
    lines += [
        "",
        "| innocents | people | alarms | per 1,000 | with the tablet on the white list |",
        "|---|---|---|---|---|",
    ]
    white = {row.kind: row for row in table(town, with_white)}
    for kind, row in rows.items():
        if kind not in town.frauds:
            lines.append(
                f"| {kind} | {row.people} | {row.alarmed} | {1000 * row.share:.1f} | "
                f"{1000 * white[kind].share:.1f} |"
            )
    wrong_white = len(town.innocents & with_white.keys())
    lines.append(
        f"| all | {good} | {wrong} | {1000 * wrong / good:.1f} | {1000 * wrong_white / good:.1f} |"
    )
    return "\n".join(lines)


def measured(seed=None):
    """Return the tables as docs/fraud.md shows them."""
    town = build() if seed is None else build(seed)
    found, _ = run(town)
    with_white, _ = run(town, frozenset({(Kind.DEVICE, town.tablet)}))
    return as_markdown(town, found, with_white)


if __name__ == "__main__":
    print(measured())
