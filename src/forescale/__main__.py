"""`python -m forescale`: the command line where the script `forescale` is not on the path."""

from .cli import main

if __name__ == "__main__":
    main()
