result = pl.concat([sales.top_k(5, by="qty").select("qty"), sales.bottom_k(5, by="qty").select("qty")])
