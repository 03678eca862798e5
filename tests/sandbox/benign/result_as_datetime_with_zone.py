result = readings["at"].min()
