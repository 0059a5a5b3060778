"""The HTTP API: only what the pages ask for without loading anew."""
