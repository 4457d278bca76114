"""More than one process: the course's functions on workers, training in step, and how many machines a load needs."""
