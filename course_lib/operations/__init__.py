"""What stands between an assistant and its customers: logs, review, costs."""
