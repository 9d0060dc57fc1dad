"""What proving a book finds."""

from dataclasses import dataclass, field

MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: where, and what."""

    proof: str
    where: str
    what: str


@dataclass(slots=True)
class VerifyReport:
    """What was checked and what was found: a book is sound when `findings` is empty.

    `date` is the last closed day (day number), None if no day has been closed.
    """

    date: int | None = None
    loans: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    journal_digest: str = ""

    @property
    def sound(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def add(self, proof: str, where: str, what: str) -> None:
        """Note a finding; beyond a hundred only their kind matters."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(proof, where, what))
