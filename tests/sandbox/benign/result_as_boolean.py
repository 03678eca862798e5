result = bool(sales["paid"].any())
