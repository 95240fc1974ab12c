"""Who belongs together by what they share: connected components, kept up sighting by sighting.

Union-find with path halving and union by size (Tarjan and van Leeuwen, JACM 31(2) 1984), in
near-linear time. An attribute joins its holders from `least` of them on; one that grows past `most`
is a hub and lets go again of whom it had joined: that component alone is put together anew. So the
groups never depend on the order in which sightings came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from rongqiao.risk.fraud.attributes import BEARINGS, Bearing, Kind

Subject = Hashable
Mark = tuple[Kind, Hashable]


@dataclass(frozen=True)
class Group:
    """Subjects that hang together, and the attributes that join them, most shared first."""

    members: tuple[Subject, ...]
    marks: tuple[tuple[Mark, tuple[Subject, ...]], ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds that join the group, by name."""
        return tuple(sorted({mark[0] for mark, _ in self.marks}))


class Groups:
    """The components of everybody seen so far. `add` is cheap; `of` and `all` read them."""

    def __init__(
        self, links: Iterable[tuple[Subject, Mark]] = (), bearings: dict[Kind, Bearing] = BEARINGS
    ) -> None:
        """Begin with links of subject and attribute, in any order, repeated ones too."""
        self._bearings = bearings
        self._parent: dict[Subject, Subject] = {}
        # By root: a small group's list is poured into the large one's.
        self._members: dict[Subject, list[Subject]] = {}
        self._holders: dict[Mark, dict[Subject, None]] = {}
        self._marks: defaultdict[Subject, list[Mark]] = defaultdict(list)
        for subject, mark in links:
            self.add(subject, mark)

    def add(self, subject: Subject, mark: Mark) -> None:
        """Note that `subject` was seen with `mark`; kinds that never join are passed over."""
        bearing = self._bearings[mark[0]]
        if not bearing.joins:
            return
        if subject not in self._parent:
            self._parent[subject], self._members[subject] = subject, [subject]
        holders = self._holders.get(mark)
        if holders is None:
            holders = self._holders[mark] = {}
        if subject in holders:
            return
        holders[subject] = None
        self._marks[subject].append(mark)
        count = len(holders)
        if count == bearing.most + 1:
            self._let_go(holders)
        elif count == bearing.least:
            self._join_all(holders)
        elif bearing.least < count <= bearing.most:
            self._join(next(iter(holders)), subject)

    def is_hub(self, mark: Mark) -> bool:
        """Tell whether an attribute is shared by too many to say anything."""
        return len(self._holders.get(mark, ())) > self._bearings[mark[0]].most

    def size_of(self, subject: Subject) -> int:
        """Return how many hang together with a subject, itself counted; 0 where none does."""
        if subject not in self._parent:
            return 0
        size = len(self._members[self._root(subject)])
        return size if size > 1 else 0

    def of(self, subject: Subject) -> Group | None:
        """Return the group of one subject; None where nobody shares anything with them."""
        if subject not in self._parent:
            return None
        members = self._members[self._root(subject)]
        return self._group(members) if len(members) > 1 else None

    def all(self, least: int = 2) -> list[Group]:
        """Return the groups of at least `least` members, largest first."""
        found = [self._group(one) for one in self._members.values() if len(one) >= least]
        return sorted(found, key=lambda group: (-len(group.members), str(group.members[0])))

    def _group(self, members: list[Subject]) -> Group:
        shared = {
            mark: tuple(sorted(self._holders[mark], key=str))
            for subject in members
            for mark in self._marks[subject]
            if self._joins_now(mark)
        }
        ordered = sorted(shared.items(), key=lambda pair: (-len(pair[1]), str(pair[0])))
        return Group(tuple(sorted(members, key=str)), tuple(ordered))

    def _joins_now(self, mark: Mark) -> bool:
        bearing = self._bearings[mark[0]]
        return bearing.least <= len(self._holders[mark]) <= bearing.most

    def _root(self, subject: Subject) -> Subject:
        parent = self._parent
        while (above := parent[subject]) != subject:
            parent[subject] = subject = parent[above]
        return subject

    def _join(self, one: Subject, other: Subject) -> None:
        large, small = self._root(one), self._root(other)
        if large == small:
            return
        if len(self._members[large]) < len(self._members[small]):
            large, small = small, large
        self._parent[small] = large
        self._members[large].extend(self._members.pop(small))

    def _join_all(self, holders: Iterable[Subject]) -> None:
        first, *others = holders
        for other in others:
            self._join(first, other)

    def _let_go(self, holders: dict[Subject, None]) -> None:
        """Put together anew the components that a new hub had joined."""
        roots = {self._root(one) for one in holders}
        members = [one for root in roots for one in self._members.pop(root)]
        for one in members:
            self._parent[one], self._members[one] = one, [one]
        marks = {mark for one in members for mark in self._marks[one] if self._joins_now(mark)}
        for mark in marks:
            self._join_all(self._holders[mark])
