"""The history of the schema, one file a step; `gatherum.db.migrate` runs it."""
