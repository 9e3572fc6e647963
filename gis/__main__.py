"""`python -m gis`: the command line."""

from gis.cli import main

if __name__ == "__main__":
    main()
