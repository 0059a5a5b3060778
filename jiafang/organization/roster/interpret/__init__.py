"""Raw tables become typed rows, with every doubt as a fault."""
