"""The roster held against the district: what is new, changed, moved, leaving; a plan and nothing written."""
