"""The straight line: from a link or a subscription to verified files in the library."""
