"""Browsers that are killed while they save and send: nothing that was called saved may be lost or doubled."""
