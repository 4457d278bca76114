"""RAG or fine-tuning: the helper library of the course."""
