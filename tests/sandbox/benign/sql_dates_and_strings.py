result = sales.sql("SELECT EXTRACT(MONTH FROM day) AS m, STRPOS(item, 'p') AS p, item LIKE '%pear%' AS pear FROM self ORDER BY id LIMIT 10")
