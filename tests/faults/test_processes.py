"""The process dies, the spool is damaged, two processes share a store: what the store holds afterwards."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from processes import Traced, spooled, stored

pytestmark = pytest.mark.processes

BURST = "recorder = begin()\ntell(ids=calls({}, children=1))\n"


def test_a_flush_returns_when_the_store_has_every_trace_and_span(tmp_path: Path) -> None:
    with Traced(BURST.format(40) + "flush(recorder)", tmp_path) as process:
        ids = process.told("ids")
        assert process.told("left") == 0
        assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 2)
        process.end()
    assert spooled(tmp_path) == []


@pytest.mark.slow
def test_two_hundred_calls_at_once_are_all_stored_without_a_warning(tmp_path: Path) -> None:
    code = """
recorder = begin()
import asyncio, litellm
call = dict(model="gpt-4o-mini", messages=[dict(role="user", content="hello")], mock_response="hello")
async def at_once(): return await asyncio.gather(*(litellm.acompletion(**call) for _ in range(200)))
tell(replies=len(asyncio.run(at_once())))
while recorder.flush(lambda left: None).waiting: pass
tell(left=0)
"""
    with Traced(code, tmp_path, LITELLM_LOCAL_MODEL_COST_MAP="True") as process:
        assert process.told("replies") == 200
        assert process.told("left") == 0
        process.end()
    assert list(stored(tmp_path / "mlflow.db").values()) == [1] * 200


def test_an_ordinary_exit_stores_everything_and_says_nothing(tmp_path: Path) -> None:
    with Traced(BURST.format(40), tmp_path) as process:
        ids = process.told("ids")
        process.end()

    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 2)
    assert spooled(tmp_path) == []


def test_the_first_call_does_not_wait_for_the_database(tmp_path: Path) -> None:
    code = "recorder = begin()\nimport os; ids = calls(1); tell(ids=ids, database=os.path.exists('mlflow.db'))\n"
    with Traced(code, tmp_path) as process:
        assert process.told("database") is False
        process.end()
    assert len(stored(tmp_path / "mlflow.db")) == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_what_had_ended_is_stored_once_by_the_next_process(tmp_path: Path, how: signal.Signals) -> None:
    code = "recorder = begin()\nids = calls(300, children=1)\nwait_until_written(300)\ntell(ids=ids)\nwait_for_line()"
    with Traced(code, tmp_path) as process:
        ids = process.told("ids")
        os.kill(process.process.pid, how)
        process.process.wait()
    assert len(stored(tmp_path / "mlflow.db")) < 300

    later = "recorder = begin()\nwait_for_earlier(recorder)\nflush(recorder)"
    with Traced(EARLIER + later, tmp_path) as process:
        assert process.told("earlier").endswith("from an earlier kernel")
        assert process.told("left") == 0
        process.end()
    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 2)
    assert spooled(tmp_path) == []


def test_a_damaged_spool_gives_all_but_the_damaged_and_says_so(tmp_path: Path) -> None:
    with Traced(
        "recorder = begin()\nids = calls(30)\nwait_until_written(30)\ntell(ids=ids)\nwait_for_line()", tmp_path
    ) as process:
        ids = process.told("ids")
        process.process.kill()
        process.process.wait()
    (path,) = spooled(tmp_path)
    content = bytearray(path.read_bytes())
    middle = content.index(ids[10].encode())
    content[middle + 50 : middle + 70] = b"\xff" * 20
    path.write_bytes(content[:-7])

    with Traced(EARLIER + "recorder = begin()\nwait_for_earlier(recorder)\nflush(recorder)", tmp_path) as process:
        assert process.told("lines") == ["left out: 2 damaged records of an earlier kernel"]
        process.end()
    assert set(ids) - set(stored(tmp_path / "mlflow.db")) <= {ids[10], ids[29]}


def test_two_processes_with_one_store_and_one_spool_store_each_trace_once(tmp_path: Path) -> None:
    code = BURST.format(60) + "wait_for_line()\nflush(recorder)"
    with Traced(code, tmp_path) as one, Traced(code, tmp_path) as other:
        ids = [*one.told("ids"), *other.told("ids")]
        one.go_on()
        other.go_on()
        assert (one.told("left"), other.told("left")) == (0, 0)
        one.end()
        other.end()

    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 2)


def test_a_forked_child_keeps_what_it_traced(tmp_path: Path) -> None:
    code = """
import os
recorder = begin()
ids = calls(2)
if (child := os.fork()) == 0:
    tell(ids=calls(3))
    os._exit(0)
os.waitpid(child, 0)
tell(own=ids)
flush(recorder)
"""
    with Traced(code, tmp_path) as process:
        ids = [*process.told("ids"), *process.told("own")]
        assert process.told("left") == 0
        process.end()

    assert stored(tmp_path / "mlflow.db") == dict.fromkeys(ids, 1)


EARLIER = """
def wait_for_earlier(recorder):
    while not (lines := [line for line in recorder.delivery_status().lines() if "earlier" in line]): pass
    tell(earlier=lines[0])
"""
