#!/bin/sh
# Finds a Python that is new enough and hands over to `python -m scripts`.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for name in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 \
    /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        cd -- "$here"
        # From here on one process: what is sent to it reaches the task.
        exec "$name" -B -m scripts "$@"
    fi
done
echo "Jiafang needs Python 3.11 or later and found none: install python3 (or name one: make PYTHON=/path/to/python3 $1)." >&2
exit 1
