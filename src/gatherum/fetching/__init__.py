"""Everything that goes over the network: budgets, the HTTP client, extractors, verification."""
