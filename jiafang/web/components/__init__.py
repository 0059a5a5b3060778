"""The look: shapes that pages fill and template tags that draw them."""
