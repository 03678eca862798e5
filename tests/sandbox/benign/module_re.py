import re
pattern = re.compile(r"(?P<first>\w)\w*\s*(?P<rest>.*)")
result = pl.DataFrame([m.groupdict() for s in sales["item"].head(8) if (m := pattern.match(s))])
