"""From passages to a ranking."""
