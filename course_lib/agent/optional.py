"""Is the optional package there that runs the agent's loop?"""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "python -m pip install -r requirements-extra.txt"


def agents_installed() -> bool:
    """Tell whether openai-agents is installed; importing it is left to those who need it, as it takes seconds."""
    return find_spec("agents") is not None and find_spec("agents.run_state") is not None
