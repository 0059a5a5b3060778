"""What is heard gets solved: cases, threads, escalation, mandatory reports."""
