"""The shipped sanitize file makes two runs of a notebook alike, and the command hands it over."""

from __future__ import annotations

import random
import re
import runpy
from pathlib import Path

import pytest

from ipy_llmtrace import __main__ as command
from ipy_llmtrace.render.html import html
from ipy_llmtrace.render.text import text
from ipy_llmtrace.trace.span import Span, Tokens

patterns_of = pytest.importorskip("nbval.plugin").get_sanitize_patterns


def sanitized(output: str, path: Path = command.SHIPPED) -> str:
    # As nbval does it, in the most limited encoding that it may open the file with.
    for regex, replacement in patterns_of(path.read_text("ascii")):
        output = re.sub(regex, replacement, output)
    return output


def run(seed: int) -> list[Span]:
    """The same three spans with the figures of another run."""
    rng = random.Random(seed)
    trace_id = f"tr-{rng.getrandbits(128):032x}"
    spans: list[Span] = []
    for number, parent in enumerate([None, 0, 0]):
        spans.append(
            Span(
                span_id=f"{rng.getrandbits(64):016x}",
                trace_id=trace_id,
                parent_id=None if parent is None else spans[parent].span_id,
                name=f"step {number}",
                start_ns=seed * 10**12 + number,
                end_ns=seed * 10**12 + number + int(10 ** rng.uniform(2, 13)),
                status="error" if number == 2 else "ok",
                message="busy" if number < 2 else "busy " * 60,
                type="LLM" if number else "AGENT",
                tokens=Tokens(5, 6) if number else None,
                cost_usd=10 ** rng.uniform(-7, 4) if number else None,
            )
        )
    return spans


@pytest.mark.parametrize("form", [text, html])
def test_runs_differ_in_nothing_but_what_is_sanitized(form: type[text]):
    outputs = {form(run(seed), str(seed)) for seed in range(1, 200)}
    assert len(outputs) == 199
    assert len({sanitized(output) for output in outputs}) == 1


def test_tokens_names_and_errors_are_still_compared():
    kept = sanitized(text(run(1), "1"))
    assert [line.partition(" busy busy")[0] for line in kept.splitlines()] == [
        "LLM trace, cell [N] · 2 LLM calls · 22 tokens · PRICE · DURATION · 1 error",
        "└─ AGENT step 0 · DURATION",
        "   ├─ LLM step 1 · 11 tokens · PRICE · DURATION",
        "   └─ LLM step 2 · 11 tokens · PRICE · DURATION ✗ Error:",
    ]


@pytest.mark.parametrize(
    "output", ["It took 6.21 s.", "$0.0042", "12 ms ± 3 µs per loop", "a · b", "0123456789abcdef" * 2, "[3]"]
)
def test_other_outputs_are_left_alone(output: str):
    assert sanitized(output) == output


def test_widget_ids_are_covered():
    output = '{"model_id": "0123456789abcdef0123456789abcdef"} IPY_MODEL_0123456789abcdef0123456789abcdef'
    assert sanitized(output) == '{"model_id": "MODEL_ID"} IPY_MODEL'


def test_the_command_prints_the_path_of_the_shipped_file(capsys: pytest.CaptureFixture[str]):
    command.main(["nbval-sanitize"])
    assert Path(capsys.readouterr().out.strip()) == command.SHIPPED
    assert command.SHIPPED.is_file()


def test_the_command_joins_a_file_of_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    mine = tmp_path / "mine.cfg"
    mine.write_text("regex: DATE.*\nreplace: DATE", "utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    command.main(["nbval-sanitize", "--merge", str(mine)])
    joined = Path(capsys.readouterr().out.strip())
    assert sanitized("DATE 2026", joined) == "DATE"
    assert sanitized("<time>1 s</time>", joined) == "<time></time>"
    assert mine.read_text("utf-8") == "regex: DATE.*\nreplace: DATE"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        command.main(["nbval-sanitize", "--merge", str(tmp_path / "none.cfg")])
    assert f"cannot read {tmp_path / 'none.cfg'}: No such file" in capsys.readouterr().err


def test_the_package_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["ipy_llmtrace", "nbval-sanitize"])
    with pytest.warns(RuntimeWarning, match="found in sys.modules"):
        runpy.run_module("ipy_llmtrace", run_name="__main__")
    assert capsys.readouterr().out.strip() == str(command.SHIPPED)
