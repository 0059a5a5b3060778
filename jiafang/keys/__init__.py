"""Texts that only the holder of the keys can read: master keys, data keys, sealed fields, rotation, erasure."""
