"""RAG or fine-tuning: the helper library of the course."""

import warnings

# Said by libraries to their own developers, and of no use to a learner who sees it in a notebook.
warnings.filterwarnings("ignore", message="IProgress not found")
warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
