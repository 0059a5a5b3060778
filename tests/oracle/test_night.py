"""What the long run of random requests says at its end."""

from tests.oracle.night import Tally, verdict


def test_a_run_that_was_cut_short_does_not_pass() -> None:
    code, words = verdict(Tally(requests=150), 200)
    assert code == 2
    assert "CUT SHORT" in words
    assert "50 of 200" in words


def test_a_whole_run_passes_only_without_faults() -> None:
    assert verdict(Tally(requests=200), 200)[0] == 0
    assert verdict(Tally(requests=200, faults=["leak"]), 200)[0] == 1
    assert verdict(Tally(requests=10, faults=["leak"]), 200)[0] == 1
