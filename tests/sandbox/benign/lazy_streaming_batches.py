n = [batch.height for batch in sales.lazy().select("id").collect_batches(engine="streaming", maintain_order=True)]
result = sum(n)
