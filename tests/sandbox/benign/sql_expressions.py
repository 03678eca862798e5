result = sales.select(pl.sql_expr("UPPER(item) AS up"), pl.sql_expr("CASE WHEN qty > 5 THEN 'many' ELSE 'few' END AS size_word")).head(6)
