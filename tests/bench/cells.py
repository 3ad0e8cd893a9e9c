"""Code for the cells that are measured."""

from __future__ import annotations

WORDS_CHARS = 200
ON = "%load_ext ipy_llmtrace\n%llmtrace on"
TIMED = "import json, time\nstart = time.perf_counter()\n{}\nprint(json.dumps(time.perf_counter() - start))"
# Random, since repeated text would deflate as no real message does; without vowels, or a word is one that the server obeys.
WORDS = f"""\
import random
def words(): return ''.join(random.choices('bcdfghjklmnpqrstvwxz    ', k={WORDS_CHARS}))"""
CALL = "litellm.completion('gpt-4o-mini', [dict(role='user', content=words())], mock_response=words());"
FLUSH = """\
import sys
if 'ipy_llmtrace' in sys.modules: get_ipython().run_line_magic('llmtrace', 'flush')
elif 'mlflow' in sys.modules: sys.modules['mlflow'].flush_trace_async_logging()"""

BARE, ALONE, OURS = "bare LiteLLM", "mlflow.litellm.autolog() alone", "ipy_llmtrace, with a widget"
MODES = {
    BARE: "import asyncio, litellm",
    ALONE: "import asyncio, litellm, mlflow.litellm\nmlflow.litellm.autolog()",
    OURS: f"{ON}\nimport asyncio, litellm, mlflow",
}
