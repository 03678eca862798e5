from urllib.parse import parse_qs, quote, urlparse
u = urlparse("https://example.org/a/b?q=1&q=2#f")
result = pl.DataFrame({"host": [u.netloc], "q": [parse_qs(u.query)["q"]], "e": [quote("a b")]})
