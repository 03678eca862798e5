result = pl.SQLContext(sales=sales).execute("""
    WITH m AS (SELECT shop, AVG(amount) AS mean FROM sales GROUP BY shop)
    SELECT sales.id, ROUND(m.mean, 2) AS mean FROM sales LEFT JOIN m ON sales.shop = m.shop ORDER BY sales.id LIMIT 10
""", eager=True)
