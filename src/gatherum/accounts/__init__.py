"""Accounts: who may use a server of ours, and all that proves who somebody is."""
