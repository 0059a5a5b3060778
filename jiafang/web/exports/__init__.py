"""Files that a school prints and hangs up: Excel and PDF."""
