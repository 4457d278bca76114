"""Measurements that take too long for a notebook: computed by a command, stored with what they were made from."""
