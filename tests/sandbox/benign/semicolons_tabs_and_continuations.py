x = 1; y = 2
if x:
	z = x + \
		y
result = z
