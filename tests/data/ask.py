"""Runs the queries of a document over the tables of a folder: see tests/data/run."""

import contextlib
import io
import os
import pathlib
import re
import sys

import duckdb

# A query, and what it prints.
BLOCK = re.compile(r"```(sql|python)\n(.*?)```\n\n```text\n(.*?)```", re.S)


def cell(value):
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)


def sql(text):
    found = duckdb.connect().execute(text)
    heads = [of[0] for of in found.description]
    rows = [[cell(value) for value in row] for row in found.fetchall()]
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    lines = ["  ".join(value.ljust(width) for value, width in zip(row, widths)).rstrip() for row in [heads, *rows]]
    return "\n".join(lines) + "\n"


def python(text):
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(text, "docs/data.md", "exec"), {})
    return "".join(line.rstrip() + "\n" for line in told.getvalue().splitlines())


def main():
    document = pathlib.Path(sys.argv[1]).resolve()
    renew = "--renew" in sys.argv
    text = document.read_text()
    os.chdir(sys.argv[2])
    asked = wrong = 0

    def ask(match):
        nonlocal asked, wrong
        language, query, told = match.groups()
        found = sql(query) if language == "sql" else python(query)
        asked += 1
        if found != told and not renew:
            wrong += 1
            print(f"wrong: {query}\nprints\n{found}and not\n{told}")
        return f"```{language}\n{query}```\n\n```text\n{found}```"

    renewed = BLOCK.sub(ask, text)
    if renew:
        document.write_text(renewed)
    languages = len(re.findall(r"```(?:sql|python)\n", text))
    if asked != languages:
        wrong += 1
        print(f"wrong: {languages - asked} queries have no answer below them")
    print(f"{asked} queries of {document.name} were asked")
    sys.exit(bool(wrong))


main()
