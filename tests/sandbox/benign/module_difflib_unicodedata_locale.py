import difflib, unicodedata
result = pl.DataFrame({"close": [difflib.get_close_matches("appel", ["ape", "apple", "peach"])], "name": [unicodedata.name("é")], "plain": [unicodedata.normalize("NFKD", "é").encode("ascii", "ignore").decode()]})
