"""How fast we are beside the peers: one module a question, `python -m benchmarks [NAME...]`."""
