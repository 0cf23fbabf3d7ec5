"""The steps of the action: `python -I action STEP`."""

import sys

from osreach_action.steps import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
