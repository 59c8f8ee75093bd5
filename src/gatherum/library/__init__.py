"""The catalogue, the file store and the recycle bin: docs/library.md tells how they hold together."""
