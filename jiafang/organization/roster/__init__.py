"""From the files a bureau has to rows that can be compared and committed."""
