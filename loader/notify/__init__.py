"""Telling people of alerts: once, in time, and where they look."""
