#!/usr/bin/env bash
# Installs osreach from the action's own checkout into an environment of its own.
# Takes PYTHON, the path of a Python. Output: `python`, the path of that environment's Python.
set -euo pipefail

# Nothing in the workspace may be taken for a module or a configuration.
cd "$GITHUB_ACTION_PATH"
folder="$RUNNER_TEMP/osreach-environment"
python="$folder/bin/python"
if [ "${RUNNER_OS:-}" = Windows ]; then
  python="$folder/Scripts/python.exe"
fi
if [ ! -x "$python" ]; then
  "$PYTHON" -I -m venv "$folder"
fi
# Most of what comes along is never imported, so it is not compiled either.
"$python" -I -m pip install --quiet --disable-pip-version-check --no-input --no-compile "$GITHUB_ACTION_PATH"
printf 'python=%s\n' "$python" >>"$GITHUB_OUTPUT"
