import string, textwrap
text = string.Template("$a and ${b}").substitute(a="x", b="y")
result = pl.DataFrame({"t": [text], "w": [textwrap.wrap("the quick brown fox", 10)], "d": [textwrap.dedent("  a\n  b")], "p": [string.ascii_lowercase[:3]]})
