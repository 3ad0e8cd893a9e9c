"""How figures are printed: under a heading, with the aim, where there is one, beside them."""

from __future__ import annotations


def heading(text: str) -> None:
    print(f"\n{text}")


def row(name: str, measured: str, aim: str = "") -> None:
    print(f"  {name:<31} {measured}" + (f"   (aim {aim})" if aim else ""), flush=True)
