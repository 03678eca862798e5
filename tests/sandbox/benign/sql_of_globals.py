result = pl.sql("SELECT shop, COUNT(*) AS n FROM sales WHERE amount > 20 GROUP BY shop ORDER BY n DESC, shop LIMIT 3").collect()
