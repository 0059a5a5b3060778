"""Pages on which the bureau or a school adds questions to the records of a tier."""
