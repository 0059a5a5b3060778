"""Set-up of a fresh machine with nothing but the standard library of Python."""
