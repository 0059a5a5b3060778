# Every target does its own set-up; only python3 (3.11 or later) and make are needed.
.PHONY: help setup demo demo-reset test nightly advisories screenshots clean

help:
	@echo "make demo         Jiafang with a demonstration district on http://127.0.0.1:8000 (PORT=... to change)"
	@echo "make test         every check and test"
	@echo "make setup        set-up alone; leaves .venv/bin/jiafang"
	@echo "make demo-reset   forget the demonstration's data"
	@echo "make screenshots  a picture of every main page"
	@echo "make nightly      the tests that take too long for every day"
	@echo "make advisories   known advisories about what is in the lock files"
	@echo "make clean        remove all that was installed here, the local database included"

setup demo demo-reset test nightly advisories screenshots clean:
	@sh scripts/run.sh $@
