result = sales
