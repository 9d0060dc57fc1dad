"""One journal: what a live loan's entries are called, and the number each has, is what the journal says."""

from forbear.engine.live.vocabulary import Kind
from forbear.engine.vocabulary import EntryKind


def test_a_kind_of_both_has_one_number():
    journal = {kind.name: int(kind) for kind in EntryKind}
    assert {k.name: int(k) for k in Kind if k.name in journal} == {
        k.name: journal[k.name] for k in Kind if k.name in journal
    }


def test_a_kind_of_the_live_schedule_alone_takes_no_number_of_the_journal():
    names = {kind.name for kind in EntryKind}
    assert not {int(k) for k in Kind if k.name not in names} & {int(kind) for kind in EntryKind}
