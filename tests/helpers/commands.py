"""The command line as a user calls it, and what its tests share."""

from typer.testing import CliRunner

from gan_augment.cli.app import app

CSV = """\
price,visits,when,member,city,code,churn
1.50,3,2024-01-01,True,Bonn,007,yes
2.25,,2024-01-02,False,"Gra, z",012,no
3.00,5,2024-01-05,True,NA,007,no
4.75,1,2024-02-01,False,Bonn,012,no
2.50,2,2024-02-09,True,Oslo,013,yes
9.10,4,2024-03-01,True,Oslo,007,no
"""


def run(*words, status=0):
    """Run the command; ``status`` is what it must exit with."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, result.output + repr(result.exception)
    return result
