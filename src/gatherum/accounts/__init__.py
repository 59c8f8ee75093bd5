"""Accounts: who may use a server of ours. It arrives with the web interface."""
