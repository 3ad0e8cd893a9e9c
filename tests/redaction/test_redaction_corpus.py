"""How many of the corpus' secrets are found, and how many texts without one are changed."""

from __future__ import annotations

import sys
from pathlib import Path

from ipy_llmtrace.redaction.redactor import Redactor

sys.path.insert(0, str(Path(__file__).parents[1] / "corpus"))
from secrets_and_lookalikes import lookalikes, secrets

redactor = Redactor({})


def test_secrets_are_found_and_what_looks_like_one_is_left_alone():
    found = secrets()
    kept = lookalikes()
    missed = [name for name, text, secret in found if secret in redactor.text(text)]
    alarms = [name for name, text in kept if redactor.text(text) != text]
    print(f"recall {len(found) - len(missed)}/{len(found)}, missed {missed}")
    print(f"false alarms {len(alarms)}/{len(kept)}: {alarms}")
    assert len(found) >= 60
    assert len(kept) >= 60
    assert missed == []
    assert len(alarms) <= 2


def test_no_part_of_a_secret_that_was_found_stays():
    for name, text, secret in secrets():
        shown = redactor.text(text)
        assert not any(secret[start : start + 12] in shown for start in range(0, max(1, len(secret) - 12), 6)), name
