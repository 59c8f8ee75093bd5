"""Notifiers: how facts reach people and other programs. They arrive with the web interface."""
