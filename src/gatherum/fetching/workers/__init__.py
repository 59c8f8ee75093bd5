"""The extractors in child processes, and the pool that keeps them."""
