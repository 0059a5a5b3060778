"""What the fences cost the first page of a signed-in teacher."""
