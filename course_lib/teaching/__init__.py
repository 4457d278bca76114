"""What only notebooks need: checks, claims, plots, safe display."""
