"""From your own documents and questions to a diagnosis: what fails, in which layer, and what to do about it."""
