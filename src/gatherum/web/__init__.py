"""The HTTP side. For now it tells whether the program is well."""
