"""Which column is which: headers found, recognized by synonyms, the rest mapped once by a person."""
