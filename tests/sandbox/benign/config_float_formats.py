pl.Config.set_float_precision(2)
pl.Config.set_fmt_str_lengths(20)
print(sales.select("amount").head(3))
result = sales.select("amount").head(1)
