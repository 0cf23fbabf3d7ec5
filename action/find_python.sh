#!/usr/bin/env bash
# Looks for a Python that osreach can run with. Outputs: `python`, its path, or `needed=true`.
set -euo pipefail

# The workspace holds other people's files, of which some choose a Python.
cd "$GITHUB_ACTION_PATH"
tell='import ensurepip, sys, venv; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)'
for name in python3 python; do
  found=$(type -P "$name" || true)
  case "$found" in
    /*) ;;
    *) continue ;;
  esac
  if python=$("$found" -I -c "$tell" 2>/dev/null) && [ -n "$python" ]; then
    printf 'python=%s\n' "$python" >>"$GITHUB_OUTPUT"
    exit 0
  fi
done
printf 'needed=true\n' >>"$GITHUB_OUTPUT"
