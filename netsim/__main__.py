"""What `python -m netsim` does: the same as the command netsim."""

from netsim.cli import main

if __name__ == "__main__":
    main()
