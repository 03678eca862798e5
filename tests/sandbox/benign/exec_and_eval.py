scope = {}
exec("v = 40 + 2", scope)
result = eval("v + 1", scope)
