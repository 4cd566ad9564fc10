"""`python -m harnlet`"""

from harnlet.cli.main import main

main(prog_name="harnlet")
