"""The assistant as an agent: a loop in which the model chooses tools, guardrails stop it, and people approve.

The loop is the one of the optional package openai-agents. The modules ``assistant``, ``guardrails``, ``local_model``,
``loop`` and ``tools`` need it; the others work without it.
"""
