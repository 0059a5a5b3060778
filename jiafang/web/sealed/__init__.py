"""Mandatory reports: whom to call first, what to write down, who reads it."""
