import random
random.seed(11)
result = pl.DataFrame({"a": [random.randint(1, 100) for _ in range(5)], "b": random.sample(range(50), 5), "c": [random.random() for _ in range(5)]})
