"""`python -m harnlet`"""

from harnlet.cli.start import main

main()
