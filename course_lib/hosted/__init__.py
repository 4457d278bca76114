"""A model behind an OpenAI-compatible endpoint, with the interface of the local one and limits on time and money."""
