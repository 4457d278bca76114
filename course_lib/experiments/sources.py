"""Data that many experiments are made from, as paths from the course's folder."""

# Pages at every date, what finds them, and questions with their right answers; evidence for these is in the facts.
SITE_DATA = (
    "data/adapters/retrieval/adapter_config.json",
    "data/adapters/retrieval/adapter_model.safetensors",
    "data/eval/gold.jsonl",
    "data/eval/queries.jsonl",
    "data/facts.jsonl",
    "data/kb",
)
READING_ADAPTER = ("data/adapters/reading/adapter_config.json", "data/adapters/reading/adapter_model.safetensors")
