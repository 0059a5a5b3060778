"""What setting up the demonstration does to the database."""
