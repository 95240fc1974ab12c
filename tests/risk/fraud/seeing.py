"""What the tests of fraud share: staff, sightings, and a whole town written down at once."""

from uuid import UUID

from rongqiao.platform.crypto import blind_index
from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.models.fraud import SELF, Trace
from rongqiao.risk.operations.fraud.sight import Sight, sight
from rongqiao.risk.queries.watching.marks import Mark, mark, self_index


def subject(number):
    """The party that a number of the town stands for."""
    return UUID(int=0x0199 << 112 | 7 << 76 | 2 << 62 | number)


def of(kind, text):
    """The mark of a text that is in its normal form already."""
    return Mark(kind, blind_index(f"risk.fraud.{kind}", text).hex())


def see(call, number, deed="logged-in", **values):
    """Sight a party with values by kind (`phone_block` for phone-block)."""
    marks = tuple(mark(kind.replace("_", "-"), text) for kind, text in values.items())
    return sight(Sight(subject_id=subject(number), deed=deed, marks=marks), call(actor="system:x"))


def write_down(town):
    """Put all sightings of a town into the table."""
    rows = []
    for one in town.sightings:
        seen = [(SELF, self_index(subject(one.subject)))]
        seen += [(kind.value, of(Kind(kind), text).raw) for kind, text in one.marks]
        rows += [
            Trace(
                subject_id=subject(one.subject),
                kind=kind,
                index=index,
                deed=one.deed,
                seen_at=one.at,
            )
            for kind, index in seen
        ]
    Trace.objects.bulk_create(rows, batch_size=2000)
