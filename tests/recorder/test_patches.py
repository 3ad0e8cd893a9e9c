"""What is replaced is put back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from ipy_llmtrace.recorder.patches import Patches


class Base:
    def inherited(self) -> str:
        return "inherited"


class Owner(Base):
    value = 1

    def method(self) -> str:
        return "method"

    @staticmethod
    def static(word: str) -> str:
        return word

    @classmethod
    def of_class(cls, word: str) -> str:
        return f"{cls.__name__} {word}"


CALLS = {
    "method": lambda: Owner().method(),
    "inherited": lambda: Owner().inherited(),
    "static": lambda: (Owner.static("a"), Owner().static("a")),
    "of_class": lambda: (Owner.of_class("a"), Owner().of_class("a")),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_patch_is_called_like_the_original_and_leaves_nothing(name: str) -> None:
    before, result = dict(vars(Owner)), CALLS[name]()
    seen: list[Any] = []

    def make(original: Any) -> Any:
        def patched(*args: Any) -> Any:
            seen.append(args[-1:])
            return original(*args)

        return patched

    patches = Patches()
    patches.replace(Owner, name, make)
    assert CALLS[name]() == result
    assert seen
    patches.restore()
    assert dict(vars(Owner)) == before
    assert CALLS[name]() == result


def test_what_somebody_has_patched_on_top_stays() -> None:
    patches = Patches()
    patches.replace(Owner, "value", lambda before: before + 1)
    Owner.value = 10
    try:
        patches.restore()
        assert Owner.value == 10
    finally:
        Owner.value = 1


def test_what_is_not_there_raises() -> None:
    with pytest.raises(AttributeError):
        Patches().replace(Owner, "nothing", lambda before: before)
