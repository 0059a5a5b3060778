"""`python -m benchmarks.importing`: a district's roster read, previewed and committed."""
