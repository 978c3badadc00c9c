"""The tables of the store, and how those of an older Netsmith become the ones of now."""

from __future__ import annotations

import sqlite3

VERSION = 1
"""Counts the steps below. Every step only adds, so that an older Netsmith can go on with a newer store."""

_FIRST = (
    """CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, state TEXT NOT NULL,
    seed INTEGER, device TEXT, versions TEXT NOT NULL DEFAULT '{}', duration REAL NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL DEFAULT 0, planned INTEGER NOT NULL DEFAULT 0, metrics TEXT NOT NULL DEFAULT '{}',
    parameters INTEGER, parent TEXT, message TEXT NOT NULL DEFAULT ''
)""",
    """CREATE TABLE IF NOT EXISTS epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL, figures TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (run, epoch)
)""",
    "CREATE TABLE IF NOT EXISTS events (run TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL,"
    " data TEXT NOT NULL)",
)
_ADDED = {
    "steps": "INTEGER NOT NULL DEFAULT 0",
    "tags": "TEXT NOT NULL DEFAULT '[]'",
    "notes": "TEXT NOT NULL DEFAULT ''",
    "group": "TEXT NOT NULL DEFAULT ''",
    "options": "TEXT",  # none: kept by an older Netsmith, and not read from its project yet
    "extremes": "TEXT",
    "deleted": "TEXT NOT NULL DEFAULT ''",
    "revision": "INTEGER NOT NULL DEFAULT 0",
}
_THEN = (
    "CREATE INDEX IF NOT EXISTS runs_revision ON runs (revision)",
    "CREATE INDEX IF NOT EXISTS events_run ON events (run)",
    "CREATE TABLE IF NOT EXISTS counter (value INTEGER NOT NULL)",
    "INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter)",
)


def prepare(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date; several processes may ask at once. Raises: sqlite3.Error."""
    if _version(connection) >= VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < VERSION:
            _add(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _add(connection: sqlite3.Connection) -> None:
    for statement in _FIRST:
        connection.execute(statement)
    there = {row[1] for row in connection.execute("PRAGMA table_info(runs)")}
    for name, kind in _ADDED.items():
        if name not in there:
            connection.execute(f'ALTER TABLE runs ADD COLUMN "{name}" {kind}')
    for statement in _THEN:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
