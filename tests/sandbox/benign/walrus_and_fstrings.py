if (n := sales.height) > 10:
    text = f"{n:>6,} rows, {sales['amount'].mean():.2f} mean, {n!r:^8}|{'nested ' + str(n)}"
result = text
