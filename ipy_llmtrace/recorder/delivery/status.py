"""What waits to be stored, and why, in figures and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

MAX_ABANDONED_BYTES = 1_000_000_000
"""How much dead processes may leave behind, for all stores together; the oldest goes first."""

MAX_AGE_S = 30 * 24 * 3600.0
"""How long what a dead process left is kept for a process with the same store to come."""


@dataclass(slots=True, frozen=True)
class DeliveryStatus:
    """Where the way to the store stands, and that to a collector.

    Parameters
    ----------
    waiting, earlier, refused
        Traces that are not stored yet; those of them that an earlier kernel left; those that the store does not take.
    reason, refusal
        Why the store takes nothing at present; why it does not take the refused ones.
    lost, damaged
        Records that neither disk nor memory could keep; records of a spool file that could not be read.
    problem
        Why records are not on disk.
    place
        What takes them.
    collector
        How it stands with the collector, if traces go to one.
    expired_bytes
        How much of what dead processes had left for any store was removed, for its age or its size.
    """

    waiting: int = 0
    earlier: int = 0
    refused: int = 0
    reason: str | None = None
    refusal: str | None = None
    lost: int = 0
    damaged: int = 0
    problem: str | None = None
    place: Literal["store", "collector"] = "store"
    collector: DeliveryStatus | None = None
    expired_bytes: int = 0

    def __add__(self, other: DeliveryStatus) -> DeliveryStatus:
        return DeliveryStatus(
            self.waiting + other.waiting,
            self.earlier + other.earlier,
            self.refused + other.refused,
            self.reason or other.reason,
            self.refusal or other.refusal,
            self.lost + other.lost,
            self.damaged + other.damaged,
            self.problem or other.problem,
            self.place,
            self.collector or other.collector,
            self.expired_bytes + other.expired_bytes,
        )

    @property
    def settled(self) -> bool:
        """Everything is where it goes to."""
        own = replace(self, collector=None, place="store", expired_bytes=0)
        return own == DeliveryStatus() and (not self.collector or self.collector.settled)

    def troubles(self) -> list[str]:
        """What is wrong; nothing when all is stored or on its way."""
        lines: list[str] = []
        stored = "stored" if self.place == "store" else "sent to the collector"
        held_up = self.waiting - self.refused
        if self.reason and held_up > 0:
            kept = "kept in memory" if self.problem else "kept"
            lines.append(f"not {stored}: {_traces(held_up)}, because {self.reason}; {kept}, and {stored} when it works again")
        if self.refused:
            lines.append(f"not {stored}: {_traces(self.refused)}, because the {self.place} refuses: {self.refusal}")
        if self.lost:
            lines.append(f"lost: {self.lost:,} records, because {self.problem or 'the disk took no more'} and memory was full")
        elif self.problem and self.waiting:
            lines.append(f"{self.problem}: a restart would lose what is not {stored}")
        if self.damaged:
            lines.append(f"left out: {self.damaged:,} damaged records of an earlier kernel")
        return [*lines, *(self.collector.troubles() if self.collector else [])]

    def losses(self) -> list[str]:
        """What nobody will store any more."""
        if not self.expired_bytes:
            return []
        days, most = MAX_AGE_S // 86_400, MAX_ABANDONED_BYTES // 1_000_000_000
        return [
            f"given up: {self.expired_bytes / 1e3:,.0f} kB that earlier kernels had left (kept for {days:.0f} days, and "
            f"{most} GB at most)"
        ]

    def lines(self) -> list[str]:
        """All there is to say; nothing when everything is stored."""
        lines = [*replace(self, collector=None).troubles(), *self.losses()]
        if self.earlier and not self.reason:
            lines.append(f"delivering {_traces(self.earlier)} from an earlier kernel")
        on_the_way = self.waiting - self.earlier - self.refused
        if on_the_way > 0 and not self.reason:
            lines.append(f"{_traces(on_the_way)} on the way to the {self.place}")
        return [*lines, *(self.collector.lines() if self.collector else [])]


def _traces(number: int) -> str:
    return "1 trace" if number == 1 else f"{number:,} traces"
