result = sales["blob"][0]
