"""Reproducible chance: one stream for each topic, so that a change to one topic leaves the others as they were."""

from random import Random


def stream(*topic: object) -> Random:
    """A stream of chance named by its topic (size, seed, what it is for)."""
    return Random("/".join(map(str, topic)))  # noqa: S311 - invented people, not secrets
