"""The compiled gate counts columns and codes by plain numbers; here they are held to the names they stand for."""

from forbear.law import contacts, evaluate, kleene, program
from forbear.law.schema import GATE_FORMS, Outcome
from forbear.law.vocabulary import MAX_CHOICES

RULE = {
    "OPENING": "OPENINGS",
    "OPENING_END": "OPENINGS_END",
    "PLACE_ZONES": "ZONES",
    "PLACE_ZONE": "DAY_ZONE",
}
RULE_NAMES = (
    "FORM", "ACTS", "BREACH", "COMPLIANCE", "APPLIES", "APPLIES_END", "UNLESS", "UNLESS_END", "WHEN", "WHEN_END", "COUNTER",
    "VALUE", "OPENING", "OPENING_END", "OWN_ZONE", "PLACE_ZONES", "PLACE_ZONE", "ROOT", "DRAFT", "IN_HOURS",
)  # fmt: skip


def test_the_columns_of_a_rule():
    assert len(RULE_NAMES) == len(program.R) == contacts.RULE_WIDTH
    for name in RULE_NAMES:
        assert getattr(evaluate, name) == program.R[RULE.get(name, name)]


def test_the_tables_of_a_program():
    for name in ("RULES", "NODES", "OPENINGS", "COUNTERS", "SELECTS", "FLAGS", "ROOTS"):
        assert getattr(contacts, name) == program.Header[name]


def test_the_kinds_of_node():
    for op in program.Op:
        assert getattr(kleene, op.name) == op


def test_the_forms_and_outcomes():
    assert [name.upper() for name in GATE_FORMS] == [
        name
        for name, _ in sorted(
            ((form.upper(), getattr(evaluate, form.upper())) for form in GATE_FORMS), key=lambda pair: pair[1]
        )
    ]
    for outcome in Outcome:
        assert getattr(evaluate, outcome.name) == outcome


def test_spans_and_whom_is_counted_for():
    names = ("IN_DAYS", "IN_HOURS", "BY_DAY", "BY_WEEK", "BY_MONTH", "BY_YEAR", "EVER")
    assert [getattr(contacts, name) for name in names] == list(program.SPAN.values())
    assert program.PER["debt"] == contacts.PER_DEBT
    assert [1 << (column - contacts.DEBT) for column in (contacts.DEBT, contacts.PERSON, contacts.POINT)] == [
        program.PER["debt"], program.PER["person"], program.PER["contact_point"],
    ]  # fmt: skip


def test_a_set_of_choices_fits_one_integer():
    assert MAX_CHOICES < 63
