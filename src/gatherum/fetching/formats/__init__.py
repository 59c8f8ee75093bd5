"""One module a family of file formats: is this a whole file of its kind, as its structure tells?"""
