"""`python -m twofront` is the command `twofront`."""

from twofront.cli import main

if __name__ == "__main__":
    main()
