result = sales.sample(20, seed=7, shuffle=True).select("id")
