"""clickhouse-connect and SQLAlchemy with default settings against the door. Prints one JSON object: see clients.test.ts.

usage: client.py HOST PORT PASSWORD
"""

import json
import sys
from datetime import date

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError as SqlAlchemyError

host, port, password = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TYPES = open(sys.argv[4], encoding="utf8").read()


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def message_of(work, kind):
    try:
        work()
    except kind as error:
        return str(error)
    return "no error"


def connect():
    client = clickhouse_connect.get_client(host=host, port=port, username="default", password=password)
    many = client.query("SELECT number, toString(number) AS text FROM numbers(300000)")
    total = 0
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        for block in blocks:
            total += sum(row[0] for row in block)
    return {
        "version": clickhouse_connect.__version__,
        "databases": [row[0] for row in client.query("SHOW DATABASES").result_rows],
        "tables": [row[0] for row in client.query("SHOW TABLES").result_rows],
        "columns": [list(row[:2]) for row in client.query("DESCRIBE TABLE freshness").result_rows],
        "parameters": plain(
            client.query(
                "SELECT {day:Date} + 1, {names:Array(String)}, {number:UInt64}",
                parameters={"day": date(2026, 11, 1), "names": ["a'b", "ü"], "number": 2**64 - 1},
            ).result_rows[0]
        ),
        "types": plain(client.query(TYPES).result_rows[0]),
        "rows": [len(many.result_rows), many.result_rows[-1][1], total],
        "none": len(client.query("SELECT source FROM freshness WHERE source = 'none'").result_rows),
        "error": message_of(lambda: client.query("SELECT nope FROM freshness"), DatabaseError),
        "refused": message_of(lambda: client.command("CREATE TABLE t (a Int8) ENGINE = Memory"), DatabaseError),
        "wrongPassword": message_of(
            lambda: clickhouse_connect.get_client(host=host, port=port, username="default", password="wrong"),
            DatabaseError,
        ),
    }


def sqlalchemy():
    url = URL.create("clickhousedb", "default", password, host, port)
    engine = create_engine(url)
    found = inspect(engine)
    with engine.connect() as connection:
        return {
            "version": __import__("sqlalchemy").__version__,
            "databases": found.get_schema_names(),
            "tables": sorted({*found.get_table_names("analyst"), *found.get_view_names("analyst")}),
            "columns": [column["name"] for column in found.get_columns("freshness", "analyst")],
            "parameters": plain(list(connection.execute(text("SELECT :a, :b"), {"a": "it's", "b": 3}).one())),
            "types": plain(list(connection.execute(text(TYPES)).one())),
            "rows": len(connection.execute(text("SELECT number FROM numbers(300000)")).all()),
            "error": message_of(lambda: connection.execute(text("SELECT nope FROM analyst.freshness")), SqlAlchemyError),
        }


print(json.dumps({"connect": connect(), "sqlalchemy": sqlalchemy()}))
