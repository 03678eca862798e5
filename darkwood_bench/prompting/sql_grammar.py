"""A grammar of SQL answers for one task: one SELECT over its tables and columns.

GBNF as llama.cpp reads it. A column that is not there cannot be named, nor a table; what comes out
of the outer SELECT is a column, or is named by a word of the question, which says what its output
columns are called. Which of the tables' columns a source has is left to the compiler, as a grammar
without context cannot follow it. Given the output columns, the outer SELECT has just these, in
order.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from darkwood_bench.prompting.sql_names import sql_name

_FUNCTIONS = re.findall(
    r"\w+",
    """
    abs any_value arg_max arg_min avg ceil coalesce concat count count_if date_diff date_part
    date_trunc day dayname dayofweek dense_rank epoch first first_value floor greatest hour ifnull
    initcap isnan isodow lag last last_value lead least left len length list list_contains
    list_sort lower lpad ltrim max median min minute mode month monthname ntile nullif
    percent_rank power quantile_cont quarter rank regexp_matches regexp_replace replace right
    round row_number rtrim split_part sqrt starts_with stddev strftime string_agg string_split
    strpos strptime substr substring sum time_bucket trim try_strptime unnest upper variance week
    year
    """,
)
_RULES = r"""
root ::= query ";"? "\n"?
query ::= select (w ("UNION ALL" | "UNION" | "EXCEPT" | "INTERSECT") w inner)*
select ::= "SELECT " "DISTINCT "? outputs rest
inner ::= "SELECT " "DISTINCT "? given (", " given)* rest
rest ::= w "FROM " source join* where? group? having? qualify? order? limit?
w ::= " " | "\n"
item ::= "*" | column (" AS " out)? | computed " AS " out
given ::= "*" | expr (" AS " free)?
computed ::= made tail* (op unit)* | column tail+ (op unit)* | column tail* op unit (op unit)*
source ::= table (" " "AS "? alias)? | "(" " "? inner " "? ")" (" " "AS "? alias)?
join ::= w kind? "JOIN " source (w "ON " expr | w "USING (" column (", " column)* ")")
kind ::= "LEFT " | "INNER " | "RIGHT " | "FULL " | "LEFT OUTER "
where ::= w "WHERE " expr
group ::= w "GROUP BY " expr (", " expr)*
having ::= w "HAVING " (out " " compare " " number | expr)
qualify ::= w "QUALIFY " (out " " compare " " number | expr)
order ::= w "ORDER BY " key (", " key)*
key ::= (expr | out) (" ASC" | " DESC")? (" NULLS " ("FIRST" | "LAST"))?
limit ::= w "LIMIT " [1-9] [0-9]*
expr ::= unit (op unit)*
unit ::= "NOT "? term tail*
tail ::= " IS NULL" | " IS NOT NULL" | " " ("NOT ")? set | " " ("NOT ")? ("LIKE " | "ILIKE ") text
set ::= "IN (" " "? (inner | literal (", " literal)*) ")" | "BETWEEN " plain " AND " plain
op ::= " " (compare | arithmetic | "AND" | "OR" | "||") " "
compare ::= "=" | "<>" | "!=" | "<=" | ">=" | "<" | ">"
arithmetic ::= "+" | "-" | "*" | "//" | "/" | "%"
plain ::= (made | column) (" " arithmetic " " (made | column))*
term ::= made | column
made ::= "(" " "? (expr | inner) " "? ")" | literal | call | case | cast | exists | "-" column
exists ::= "EXISTS (" " "? inner " "? ")"
call ::= function "(" arguments? ")" filter? over?
arguments ::= "*" | "DISTINCT "? expr (", " expr)* order?
filter ::= " FILTER (" "WHERE "? expr ")"
over ::= " OVER (" ("PARTITION BY " expr (", " expr)*)? (" "? "ORDER BY " key (", " key)*)? ")"
case ::= "CASE" (" WHEN " expr " THEN " expr)+ (" ELSE " expr)? " END"
cast ::= "CAST(" expr " AS " type ")" | ("EXTRACT" | "extract") "(" part " FROM " expr ")"
part ::= "YEAR" | "MONTH" | "DAY" | "QUARTER" | "WEEK" | "DOW" | "HOUR" | "year" | "month" | "day"
type ::= "DATE" | "INTEGER" | "DOUBLE" | "VARCHAR" | "TIMESTAMP" | "BIGINT"
literal ::= text | number | "DATE " text | "TIMESTAMP " text | span | "NULL" | truth
truth ::= "TRUE" | "FALSE" | "true" | "false"
span ::= "INTERVAL " (text | number " " [A-Za-z]+)
text ::= "'" ([^'\n] | "''")* "'"
number ::= "-"? [0-9]+ ("." [0-9]+)?
column ::= ((table | alias) ".")? name ("." free)?
alias ::= [a-z] [a-z0-9]? [0-9]?
free ::= [a-zA-Z_] [a-zA-Z0-9_]*
"""


def sql_grammar(
    tables: Mapping[str, Collection[str]], question: str, outputs: Sequence[str] = ()
) -> str:
    """The GBNF grammar of queries over tables, given as names with their columns.

    `outputs`: the columns of the answer, in order, where they are known.
    """
    columns = {sql_name(name) for names in tables.values() for name in names}
    words = set(re.findall(r"[A-Za-z_]\w*", question)) | columns | set(map(sql_name, outputs))
    functions = {name for known in _FUNCTIONS for name in (known, known.upper())}
    items = [_output(sql_name(name), columns) for name in outputs] or ["item", '(", " item)*']
    comma = ' ", " ' if outputs else " "
    return "\n".join(
        [
            *_RULES.strip().split("\n"),
            f"outputs ::= {comma.join(items)}",
            f"table ::= {_one_of(map(sql_name, tables))}",
            f"name ::= {_one_of(columns)}",
            f"out ::= {_one_of(words)}",
            f"function ::= {_one_of(functions)}",
        ]
    )


def _output(name: str, columns: Collection[str]) -> str:
    """One output column: as it is, where a table has it, or anything under its name."""
    quoted = json.dumps(name, ensure_ascii=False)
    made = f'(computed | column) " AS " {quoted}'
    return f'({made} | ((table | alias) ".")? {quoted})' if name in columns else f"({made})"


def _one_of(names: Iterable[str]) -> str:
    return " | ".join(json.dumps(name, ensure_ascii=False) for name in sorted(set(names)))
