"""What single cells mean: text, numbers, dates, grades and classes, posts. Pure functions without Django."""
