"""Jobs: what is to be done, recorded first, then performed, on this machine or another."""
