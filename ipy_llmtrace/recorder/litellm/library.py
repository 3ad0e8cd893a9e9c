"""LiteLLM as its own functions know it.

They read callbacks and switches from the module that they were imported with. Where ``sys.modules["litellm"]`` was removed and
imported again, but not what is below it, that is no longer the one of this name.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

from litellm import utils

litellm: Any = vars(utils)["litellm"]
