"""What an audit finds: remarks, a finding for each law, and all of them as an Audit."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from luxnb.core.layer import Layer
from luxnb.core.view import Viewable


class Verdict(enum.Enum):
    """How a layer stands to a law; the value is the mark that is shown."""

    KEPT = "✓"
    BROKEN = "✗"
    HINT = "!"
    UNTRIED = "–"

    def __repr__(self):
        return f"Verdict.{self.name}"


@dataclass(frozen=True)
class Remark:
    """Something that was seen: a fault breaks the law, a hint may be meant, a note is no matter."""

    kind: Literal["fault", "hint", "note"]
    text: str
    here: str = ""  # the line of the layer's source, where it is known
    write: str = ""  # what to write instead, a line or several


def fault(text: str, write: str = "", here: str = "") -> Remark:
    return Remark("fault", text, here, write)


def hint(text: str, write: str = "", here: str = "") -> Remark:
    return Remark("hint", text, here, write)


def note(text: str) -> Remark:
    return Remark("note", text)


@dataclass(frozen=True)
class Finding:
    """How the layer stands to one law."""

    number: int
    law: str  # in plain words
    why: str  # there is such a law
    verdict: Verdict
    remarks: tuple[Remark, ...] = ()
    because: str = ""  # it could not be tried


@dataclass(frozen=True)
class Audit(Viewable):
    """What `check` found, a Finding for each law. True, and `ok`, when no law is broken."""

    layer: Layer | None  # None when it could not be made
    given: str  # the input, `f32[4,3]`
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.broken

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings of the laws that are broken."""
        return tuple(f for f in self.findings if f.verdict is Verdict.BROKEN)

    @property
    def summary(self) -> str:
        """`17 laws: 14 kept, 1 broken, 2 not tried`."""
        words = {
            Verdict.KEPT: "kept",
            Verdict.BROKEN: "broken",
            Verdict.HINT: "with a hint",
            Verdict.UNTRIED: "not tried",
        }
        verdicts = [finding.verdict for finding in self.findings]
        counts = [
            f"{verdicts.count(verdict)} {word}"
            for verdict, word in words.items()
            if verdict in verdicts
        ]
        if verdicts.count(Verdict.KEPT) == len(verdicts):
            return f"{len(verdicts)} laws, all kept"
        return f"{len(verdicts)} laws: {', '.join(counts)}"

    def __bool__(self) -> bool:
        return self.ok

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self):
        broken = "".join(f"; ✗ {finding.law}" for finding in self.broken)
        return f"<Audit of {self.layer!r}, {self.summary}{broken}>"
