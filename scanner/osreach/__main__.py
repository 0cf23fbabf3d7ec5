"""`python -I -m osreach`: the command line without the installed script."""

import sys

if not sys.flags.safe_path:
    # Without `-I` or `-P`, Python looks for modules in the working directory
    # first, and that is the folder of strangers that is about to be scanned.
    sys.path = sys.path[1:]

from osreach.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
