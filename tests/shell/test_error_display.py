"""The error of a cell shows the frames that it would show without the package."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from kernel import Kernel, kernel

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

ASK = "[{'role': 'user', 'content': 'length:400 die'}]"
FAILING = {
    "sync": f"litellm.completion('openai/fail:401', {ASK})",
    "async": f"await litellm.acompletion('openai/fail:401', {ASK})",
    "no provider": f"litellm.completion('nobody/x', {ASK})",
    "responses": "litellm.responses(model='openai/fail:401', input='hello')",
    "embedding": "litellm.embedding('openai/fail:401', ['hello'])",
    "stream": f"for piece in litellm.completion(MODEL, {ASK}, stream=True): pass",
    "async stream": f"async for piece in await litellm.acompletion(MODEL, {ASK}, stream=True): pass",
    "fallbacks": f"litellm.completion('openai/fail:401', {ASK}, fallbacks=['openai/fail:404'])",
    "router": f"ROUTER.completion('mine', {ASK})",
    "async router": f"await ROUTER.acompletion('mine', {ASK})",
    "the user's own": f"@mlflow.trace\ndef own(): litellm.completion('openai/fail:401', {ASK})\nown()",
}
SETUP = """\
import litellm, mlflow, traceback
%load_ext ipy_llmtrace
%xmode Context
litellm.num_retries = 0
FAILING = {'model_name': 'mine', 'litellm_params': {'model': 'openai/fail:401', 'api_key': 'x'}}
ROUTER = litellm.Router([FAILING], num_retries=0, disable_cooldowns=True)
mlflow.litellm.autolog(silent=True)"""


@pytest.fixture(scope="module")
def session(server: demo.DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    environment = {**os.environ, "OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url}
    with kernel(tmp_path_factory.mktemp("errors"), environment) as started:
        started.run(f"{SETUP}\nMODEL = {server.model!r}")
        yield started


def frames(shown: list[str]) -> list[str]:
    """The files and functions of a traceback that IPython printed, without colours."""
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(shown))
    return re.findall(r"^(?:File|Cell) .*?(?:, in |$).*|^\[\.\.\. .*", re.sub(r"In\[\d+\]", "In[N]", text), re.MULTILINE)


def shown(session: Kernel, code: str) -> list[str]:
    ran = session.run(code)
    (error,) = [output for output in ran.outputs if output.output_type == "error"]
    return frames(error.traceback)


@pytest.mark.parametrize("name", FAILING)
def test_a_cells_error_shows_the_same_frames_on_and_off(name: str, session: Kernel):
    session.run("%llmtrace off")
    off = shown(session, FAILING[name])
    session.run("%llmtrace on")
    on = shown(session, FAILING[name])
    assert off
    assert on == off


def test_a_traceback_that_the_users_code_prints_has_none_of_our_frames(session: Kernel):
    session.run("%llmtrace on")
    code = "\n".join(f"    {line}" for line in FAILING["sync"].splitlines())
    printed = session.run(f"try:\n{code}\nexcept Exception as error: print(traceback.format_exc())").stdout
    assert "AuthenticationError" in printed
    assert "ipy_llmtrace" not in printed


def test_off_leaves_the_shell_as_it_was(session: Kernel):
    session.run("%llmtrace off")
    assert session.run("print('showtraceback' in vars(get_ipython()))").stdout == "False\n"
    session.run("mine = lambda *args, **kwargs: print('mine')\nget_ipython().showtraceback = mine\n%llmtrace on")
    assert session.run("1 / 0").stdout == "mine\n"
    session.run("%llmtrace off")
    assert session.run("print(get_ipython().showtraceback is mine)\ndel get_ipython().showtraceback").stdout == "True\n"
