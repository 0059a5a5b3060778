"""Backup and restore: the whole house in a folder, its keys apart, and back again or not at all."""
