"""The guards: the only code that opens library paths, makes sockets, starts processes, seals secrets."""
