result = sales.sql("SELECT id, qty * 2 AS double FROM self WHERE paid ORDER BY id LIMIT 5")
