with pl.SQLContext(sales=sales, shops=shops) as c:
    result = c.execute("SELECT s.shop, h.city, SUM(s.qty) AS q FROM sales s JOIN shops h ON s.shop = h.shop GROUP BY s.shop, h.city ORDER BY q DESC", eager=True)
