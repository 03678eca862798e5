"""Compiled queries against DuckDB, family by family, over small random tables."""

import pytest
from differential import same

EXPRESSIONS = """
n + 1
n - id
n * 2 + id
-n
n / id
n // 2
n % 3
x / 2
(n + 1) * (id - 2)
abs(n)
round(x)
round(x, 1)
ceil(x)
floor(x)
power(id, 2)
sqrt(id)
sign(n)
greatest(n, id)
least(n, id, 1)
coalesce(n, 0)
coalesce(n, id, 3)
nullif(n, 1)
CASE WHEN n > 1 THEN 'big' WHEN n IS NULL THEN 'none' ELSE 'small' END
CASE WHEN n > 1 THEN n END
CASE k WHEN 'p' THEN 1 WHEN 'q' THEN 2 ELSE 0 END
CASE WHEN b THEN n ELSE x END
if(b, 'yes', 'no')
n > 1 AND NOT b OR x IS NULL
NOT (n = 1)
n IS NOT NULL
n = 1
n <> 1
n IN (1, 2)
n NOT IN (1, 2)
k IN ('p', 'Q r')
n BETWEEN 0 AND 2
n NOT BETWEEN 0 AND 2
k IS NOT DISTINCT FROM 'p'
n IS DISTINCT FROM 1
b = TRUE
b = FALSE
b IS TRUE
s LIKE 'a%'
s LIKE '%b'
s LIKE '%b%'
s LIKE 'abc'
s LIKE 'a_c'
s LIKE 'a%c'
s NOT LIKE '%b%'
s ILIKE 'A%'
s ILIKE '%C'
s LIKE '%'
length(s)
upper(s)
lower(s)
trim(s)
ltrim(s)
rtrim(s)
substring(s, 2, 2)
substring(s, 1, 1)
substr(s, 2)
substring(s, -2, 2)
left(s, 2)
right(s, 2)
s || '!'
s || k
concat(s, '-', k)
concat_ws('-', s, k)
replace(s, 'b', 'x')
reverse(s)
starts_with(s, 'ab')
contains(s, 'b')
strpos(s, 'b')
position('c' in s)
split_part(s, '-', 1)
split_part(s, '-', 2)
split_part(s, '-', 9)
lpad(s, 4, '*')
rpad(s, 4, '*')
regexp_matches(s, '^a.')
regexp_replace(s, '[a-b]', 'z')
regexp_replace(s, '[a-b]', 'z', 'g')
regexp_extract(s, '[0-9]+')
s[1]
s[2:]
try_cast(s AS INTEGER)
CAST(n AS VARCHAR)
CAST(n AS DOUBLE)
CAST(x AS INTEGER)
year(d)
month(d)
day(d)
quarter(d)
week(d)
dayofyear(d)
dayofweek(d)
isodow(d)
extract(year FROM d)
date_part('month', d)
hour(stamp)
minute(stamp)
extract(hour FROM stamp)
date_trunc('month', d)
date_trunc('year', d)
date_trunc('week', d)
date_trunc('hour', stamp)
date_trunc('day', stamp)
d + INTERVAL 1 MONTH
d - INTERVAL '1 year'
d + INTERVAL 10 DAY
d + 1
d - 1
stamp + INTERVAL 90 MINUTE
d - DATE '2024-01-01'
date_diff('day', d, DATE '2024-03-01')
date_diff('month', d, DATE '2024-03-01')
date_diff('year', d, DATE '2024-03-01')
date_diff('hour', stamp, TIMESTAMP '2024-01-02 00:30:00')
date_diff('day', stamp, TIMESTAMP '2024-01-02 00:30:00')
d > DATE '2024-01-01'
d >= '2024-01-01'
d BETWEEN DATE '2024-01-01' AND DATE '2024-03-01'
stamp < TIMESTAMP '2024-01-01 06:00:00'
stamp >= '2024-01-01'
stamp::DATE
CAST(stamp AS DATE) = d
strftime(d, '%Y-%m')
strftime(stamp, '%H:%M')
dayname(d)
monthname(d)
last_day(d)
epoch(stamp)
make_date(2024, id, 1)
len(l)
list_contains(l, 2)
l[1]
l[-1]
n IS NULL OR n > 0
(n > 0) = b
x + n
1 - x
2.5 * n
n::DOUBLE / 2
""".strip().split("\n")

AGGREGATES = """
count(*)
count(n)
count(DISTINCT n)
count(DISTINCT k)
sum(n)
sum(x)
sum(n * 2)
sum(DISTINCT n)
coalesce(sum(n), 0)
avg(n)
min(n)
max(x)
min(s)
max(d)
sum(CASE WHEN n > 0 THEN 1 ELSE 0 END)
sum(CASE WHEN n > 0 THEN n END)
count(CASE WHEN n > 0 THEN 1 END)
count(*) FILTER (WHERE n > 0)
sum(n) FILTER (WHERE b)
avg(x) FILTER (n > 0)
coalesce(count_if(n > 0), 0)
count(n) * 100.0 / count(*)
sum(n) / count(*)
round(avg(x), 2)
max(n) - min(n)
median(x)
quantile_cont(x, 0.25)
stddev(x)
var_pop(n)
bool_or(b)
bool_and(b)
string_agg(k, ',' ORDER BY k, n)
list(n ORDER BY n)
sum(n > 0)
max(length(s))
count(*) - count(n)
""".strip().split("\n")

WINDOWS = """
row_number() OVER (PARTITION BY k ORDER BY n, x, s, id, d, b, stamp)
rank() OVER (ORDER BY n DESC)
rank() OVER (PARTITION BY k ORDER BY n)
dense_rank() OVER (PARTITION BY k ORDER BY n DESC)
rank() OVER (ORDER BY n DESC, id)
dense_rank() OVER (ORDER BY n, id DESC)
percent_rank() OVER (ORDER BY n)
cume_dist() OVER (ORDER BY n)
sum(n) OVER (PARTITION BY k)
count(*) OVER ()
count(n) OVER (PARTITION BY k)
avg(x) OVER (PARTITION BY k)
max(n) OVER ()
n - avg(n) OVER (PARTITION BY k)
n * 1.0 / sum(n) OVER ()
sum(n) OVER (ORDER BY id)
sum(n) OVER (PARTITION BY k ORDER BY d)
count(*) OVER (ORDER BY id)
count(n) OVER (PARTITION BY k ORDER BY id)
avg(x) OVER (ORDER BY id)
max(n) OVER (PARTITION BY k ORDER BY id)
count(*) FILTER (WHERE b) OVER (PARTITION BY k)
first_value(id) OVER (PARTITION BY k ORDER BY id)
last_value(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
""".strip().split("\n")

QUERIES = """
SELECT id, n FROM t WHERE n > 1
SELECT * FROM t WHERE k = 'p' AND (n > 0 OR x < 0)
SELECT DISTINCT k, n FROM t
SELECT t.* EXCLUDE (l) FROM t
SELECT id AS a, id + 1 AS b, k FROM t
SELECT 1 AS one FROM t
SELECT t.id, u.name FROM t JOIN u ON t.id = u.id
SELECT t.id, u.name FROM t INNER JOIN u USING (id)
SELECT id, k, t.n, name FROM t JOIN u USING (id, k)
SELECT t.id AS ti, u.id AS ui, u.n AS un FROM t LEFT JOIN u ON t.id = u.id
SELECT t.id, u.name FROM t LEFT JOIN u ON t.id = u.id AND u.n > 0
SELECT t.id, u.name FROM t LEFT JOIN u ON t.id = u.id AND t.n > 0
SELECT t.id, u.name FROM t LEFT JOIN u ON t.id = u.id AND t.n > u.n
SELECT t.id, u.name FROM t LEFT JOIN u ON t.id = u.id WHERE u.name = 'one'
SELECT t.id, t.k FROM t LEFT JOIN u ON t.id = u.id WHERE u.id IS NULL
SELECT t.id, u.name FROM t LEFT JOIN u ON t.id = u.id WHERE u.name IS NULL
SELECT t.n, u.id, u.name FROM t RIGHT JOIN u ON t.id = u.id
SELECT t.id AS a, u.id AS b, t.n, u.name FROM t FULL JOIN u ON t.id = u.id
SELECT t.id, u.id AS other FROM t CROSS JOIN u
SELECT t.id, u.name FROM t, u WHERE t.id = u.id AND t.n > 0
SELECT t.id, u.id AS other FROM t JOIN u ON t.n < u.n
SELECT t.id, u.id AS other FROM t JOIN u ON t.k = u.k AND t.n < u.n
SELECT a.id, b.id AS other FROM t a JOIN t b ON a.k = b.k AND a.id < b.id
SELECT t.id, t.n FROM t SEMI JOIN u ON t.id = u.id
SELECT t.id, t.n FROM t ANTI JOIN u ON t.id = u.id
SELECT k, count(*) AS c FROM t GROUP BY k
SELECT k, n, sum(x) AS total FROM t GROUP BY k, n
SELECT k AS kind, count(*) AS c FROM t GROUP BY kind
SELECT upper(k) AS k, count(*) AS c FROM t GROUP BY 1
SELECT year(d) AS y, month(d) AS m, count(*) AS c FROM t GROUP BY y, m
SELECT k, count(*) AS c FROM t GROUP BY ALL
SELECT k, sum(n) AS total FROM t GROUP BY k HAVING count(*) > 1
SELECT k FROM t GROUP BY k HAVING sum(n) > 1
SELECT k, sum(n) AS total FROM t WHERE x > 0 GROUP BY k HAVING total > 0
SELECT max(n) AS n, k FROM t GROUP BY k
SELECT k || '!' AS loud, count(*) AS c FROM t GROUP BY k
SELECT CASE WHEN n > 0 THEN 'up' ELSE 'down' END AS way, count(*) AS c FROM t GROUP BY way
SELECT k FROM t GROUP BY k
SELECT k, rank() OVER (ORDER BY sum(id) DESC) AS place FROM t GROUP BY k
SELECT k, count(*) * 1.0 / sum(count(*)) OVER () AS share FROM t GROUP BY k
SELECT count(*) AS c, sum(n) AS total, max(d) AS last FROM t
SELECT count(*) AS c FROM t WHERE n > 100
SELECT sum(n) + count(*) AS both FROM t
SELECT u.name, count(t.id) AS c FROM u LEFT JOIN t ON t.id = u.id GROUP BY u.name
SELECT name, count(*) AS c, avg(x) AS mean FROM t JOIN u ON t.id = u.id WHERE t.n > 0 GROUP BY name
SELECT id FROM t WHERE id IN (SELECT id FROM u)
SELECT id FROM t WHERE id IN (SELECT id FROM u WHERE n > 0) AND n > 0
SELECT id FROM t WHERE id NOT IN (SELECT id FROM u)
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)
SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id = t.id AND u.n > 0)
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id AND u.n > t.n)
SELECT id FROM t WHERE n > 0 OR id IN (SELECT id FROM u)
SELECT id FROM t WHERE n > 0 OR EXISTS (SELECT 1 FROM u WHERE u.id = t.id)
SELECT id, n FROM t WHERE n > (SELECT avg(n) FROM t)
SELECT id, n FROM t WHERE n = (SELECT max(n) FROM u)
SELECT id, n - (SELECT min(n) FROM t) AS above FROM t
SELECT id, (SELECT count(*) FROM u WHERE u.id = t.id) AS c FROM t
SELECT id, (SELECT max(n) FROM u WHERE u.k = t.k) AS best FROM t
SELECT id, n FROM t WHERE n > (SELECT avg(n) FROM u WHERE u.k = t.k)
SELECT id, n FROM t a WHERE n = (SELECT max(n) FROM t b WHERE b.k = a.k)
SELECT id, (SELECT count(*) FROM u WHERE u.n < t.n) AS below FROM t
SELECT k, total FROM (SELECT k, sum(n) AS total FROM t GROUP BY k) WHERE total > 0
SELECT s.k, s.m, name FROM (SELECT k, sum(n) AS m FROM t GROUP BY k) s JOIN u ON u.k = s.k
WITH a AS (SELECT k, sum(n) AS v FROM t GROUP BY k) SELECT k FROM a WHERE v = (SELECT max(v) FROM a)
WITH a AS (SELECT * FROM t WHERE n > 0) SELECT x.id, y.id AS o FROM a x JOIN a y ON x.k = y.k
SELECT id FROM t UNION ALL SELECT id FROM u
SELECT id, k FROM t UNION SELECT id, k FROM u
SELECT id, k FROM t EXCEPT SELECT id, k FROM u
SELECT id, k FROM t INTERSECT SELECT id, k FROM u
SELECT id, n AS v FROM t UNION ALL SELECT id, id FROM u
SELECT id, unnest(l) AS item FROM t
SELECT item, count(*) AS c FROM (SELECT unnest(l) AS item FROM t) GROUP BY item
SELECT id, unnest(['n', 'x']) AS name, unnest([n, id]) AS value FROM t
SELECT id, n FROM t QUALIFY n = max(n) OVER (PARTITION BY k)
SELECT id, rank() OVER (PARTITION BY k ORDER BY n) AS r FROM t WHERE n > 0 QUALIFY r = 1
SELECT k, n FROM (SELECT k, n, rank() OVER (PARTITION BY k ORDER BY n) AS r FROM t) WHERE r <= 2
SELECT n, count(*) AS c FROM t WHERE k IS NOT NULL AND s LIKE '%b%' GROUP BY n HAVING c >= 1
SELECT a.n, count(DISTINCT b.id) AS c FROM t a JOIN t b ON a.id = b.id GROUP BY a.n
""".strip().split("\n")

ORDERED = """
SELECT id, n FROM t ORDER BY n, id, x, k, s LIMIT 3
SELECT n FROM t ORDER BY n DESC
SELECT n FROM t ORDER BY n NULLS FIRST
SELECT n, id FROM t ORDER BY n DESC, id
SELECT n FROM t ORDER BY n LIMIT 2 OFFSET 1
SELECT k, count(*) AS c FROM t GROUP BY k ORDER BY c DESC, k
SELECT k FROM t GROUP BY k ORDER BY sum(n), k
SELECT DISTINCT n FROM t ORDER BY n
SELECT -n AS n FROM t ORDER BY n
SELECT id AS a FROM t ORDER BY t.id
SELECT upper(k) AS loud FROM t ORDER BY 1
SELECT n FROM t WHERE n IS NOT NULL ORDER BY n * -1
SELECT id FROM t UNION SELECT id FROM u ORDER BY id DESC
""".strip().split("\n")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_of_rows(expression: str) -> None:
    same(f"SELECT id, {expression} AS value FROM t")


@pytest.mark.parametrize("expression", AGGREGATES)
def test_an_aggregate(expression: str) -> None:
    same(f"SELECT k, {expression} AS value FROM t GROUP BY k")
    same(f"SELECT {expression} AS value FROM t")


@pytest.mark.parametrize("expression", WINDOWS)
def test_a_window_function(expression: str) -> None:
    same(f"SELECT id, n, {expression} AS value FROM t")


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query(sql: str) -> None:
    same(sql)


@pytest.mark.parametrize("sql", ORDERED)
def test_an_order(sql: str) -> None:
    same(sql, ordered=True)
