"""Row changes: a batch comes to the same rows as its changes one by one, in the database and in memory."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DataError, connection, models, transaction
from django.test.utils import isolate_apps
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.changes import Add, Buffer, Drop, Put, Set
from eventstore.testing import Rows
from tests.eventstore.tools import ask

with isolate_apps():

    class Place(models.Model):
        """A row of every kind of column, made by adding to it."""

        pk = models.CompositePrimaryKey("row", "seat")
        row = models.TextField()
        seat = models.IntegerField()
        guests = models.IntegerField(default=0)
        coins = models.BigIntegerField(default=5)
        note = models.TextField(null=True)
        label = models.CharField(max_length=5, default="none")
        data = models.JSONField(null=True)
        tags = models.JSONField(default=list)

        class Meta:
            app_label = "beans"
            db_table = "beans_place"

    class Book(models.Model):
        """A row that is not made of a key alone; one of its columns is the database's own."""

        id = models.IntegerField(primary_key=True)
        title = models.TextField()
        readers = models.IntegerField(default=0, db_column="reader count")
        doubled = models.GeneratedField(
            expression=models.F("readers") * 2, output_field=models.IntegerField(), db_persist=True
        )

        class Meta:
            app_label = "beans"
            db_table = "beans_book"

    class Everything(models.Model):
        """A column of every type that read models use."""

        id = models.UUIDField(primary_key=True)
        owner = models.ForeignKey(Book, models.DO_NOTHING, db_constraint=False, null=True)
        at = models.DateTimeField(null=True)
        day = models.DateField(null=True)
        yes = models.BooleanField(default=False)
        price = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal(0))
        weight = models.FloatField(default=0.0)
        raw = models.BinaryField(default=b"")
        small = models.SmallIntegerField(default=0)

        class Meta:
            app_label = "beans"
            db_table = "beans_everything"


@pytest.fixture(scope="module", autouse=True)
def _tables(shared_database):
    with connection.schema_editor() as editor:
        for model in (Place, Book, Everything):
            editor.create_model(model)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
numbers = st.integers(-1000, 1000)
decimals = st.floats(-1e9, 1e9)  # greater ones come back from jsonb as whole numbers
anything = st.recursive(
    st.none() | st.booleans() | numbers | decimals | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)
seats = st.sampled_from([("a", 1), ("a", 1), ("b", 2)])
place_columns = {
    "note": st.none() | texts,
    "label": texts,
    "data": anything,
    "tags": st.lists(texts, max_size=2),
}
counts = {"guests": numbers, "coins": numbers}


def some(columns):
    return st.fixed_dictionaries({}, optional=columns)


def place(key, columns):
    return Put(Place, row=key[0], seat=key[1], **columns)


changes = st.one_of(
    st.builds(place, seats, some(place_columns | counts)),
    st.builds(lambda key, columns: Set(Place, key, **columns), seats, some(place_columns | counts)),
    st.builds(lambda key, columns: Set(Place, key, **columns), seats, some(counts)),
    st.builds(lambda key, columns: Add(Place, key, **columns), seats, some(counts)),
    st.builds(lambda key: Drop(Place, key), seats),
    st.builds(lambda key, title: Put(Book, id=key, title=title), st.integers(1, 2), texts),
    st.builds(
        lambda key, columns: Set(Book, key, **columns),
        st.integers(1, 2),
        some({"title": texts, "readers": numbers}),
    ),
    st.builds(lambda key, number: Add(Book, key, readers=number), st.integers(1, 2), numbers),
    st.builds(lambda key: Drop(Book, key), st.integers(1, 2)),
)


def written(batches):
    """The rows of both tables after these batches of changes; the tables are empty again afterwards."""
    with transaction.atomic():
        for batch in batches:
            buffer = Buffer()
            buffer.take(batch)
            buffer.flush()
        places = ask("SELECT row, seat, guests, coins, note, label, data::text, tags::text FROM beans_place")
        books = ask('SELECT id, title, "reader count", doubled FROM beans_book')
        transaction.set_rollback(True)
    return {row[:2]: (*row[2:6], _json(row[6]), _json(row[7])) for row in places}, {
        row[0]: row[1:] for row in books
    }


def in_memory(changes):
    rows = Rows()
    rows.apply(changes)
    return {
        (row["row"], row["seat"]): tuple(
            row[name] for name in ("guests", "coins", "note", "label", "data", "tags")
        )
        for row in rows.all(Place)
    }, {row["id"]: (row["title"], row["reader count"], 2 * row["reader count"]) for row in rows.all(Book)}


def _json(text):
    return None if text is None else json.loads(text)


@settings(deadline=None, max_examples=100)
@given(batches=st.lists(st.lists(changes, max_size=8), max_size=4))
def test_a_batch_comes_to_the_same_rows_as_its_changes_one_by_one(batches):
    one_by_one = [[change] for batch in batches for change in batch]
    assert written(batches) == written(one_by_one) == in_memory(change for [change] in one_by_one)


def test_setting_a_row_that_is_not_there_does_nothing():
    assert written([[Set(Place, ("a", 1), label="x")]]) == ({}, {})


def test_adding_makes_a_row_of_defaults_where_all_columns_have_one():
    assert written([[Add(Place, ("a", 1), coins=1)]])[0] == {("a", 1): (0, 6, None, "none", None, [])}


def test_adding_makes_no_row_where_a_column_has_no_default():
    assert written([[Add(Book, 1, readers=1)]]) == ({}, {})


def test_nothing_in_a_json_column_is_null():
    with transaction.atomic():
        buffer = Buffer()
        buffer.take([Put(Place, row="a", seat=1), Put(Place, row="a", seat=2, data=[None])])
        buffer.flush()
        assert ask("SELECT seat, data IS NULL FROM beans_place ORDER BY seat") == [(1, True), (2, False)]
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ([], Put(Place, row="a", seat=1, label="sixsix")),
        ([Put(Place, row="a", seat=1)], Put(Place, row="a", seat=1, label="sixsix")),
        ([Put(Place, row="a", seat=1)], Set(Place, ("a", 1), label="sixsix")),
        ([Put(Place, row="a", seat=1)], Add(Place, ("a", 1), guests=2**31)),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_an_error_and_is_not_cut(before, change):
    with pytest.raises(DataError):
        written([before, [change]])


def test_only_columns_that_are_never_null_can_be_added_to():
    for columns in ({"note": 1}, {"data": 1}, {"row": 1}, {"none": 1}):
        with pytest.raises(KeyError):
            Add(Place, ("a", 1), **columns)


def test_neither_a_key_nor_an_unknown_column_can_be_set():
    for columns in ({"seat": 2}, {"none": 1}):
        with pytest.raises(KeyError):
            Set(Place, ("a", 1), **columns)


def test_values_of_every_type_come_back_as_they_went_in():
    row = {
        "id": UUID(int=7),
        "owner_id": 3,
        "at": datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC),
        "day": datetime(2026, 6, 1, tzinfo=UTC).date(),
        "yes": True,
        "price": Decimal("12.34"),
        "weight": 0.1,
        "raw": b"\0\xff",
        "small": -7,
    }
    with transaction.atomic():
        buffer = Buffer()
        buffer.take([Put(Everything, **row), Put(Everything, id=UUID(int=8))])
        assert buffer.flush() == 2
        buffer.take(
            [
                Set(Everything, UUID(int=8), owner=4, at=row["at"]),
                Add(Everything, UUID(int=8), price=Decimal("0.01")),
            ]
        )
        buffer.flush()
        columns = ", ".join(row)
        assert ask(f"SELECT {columns} FROM beans_everything WHERE small < 0") == [tuple(row.values())]
        assert ask("SELECT owner_id, at, price FROM beans_everything WHERE small = 0") == [
            (4, row["at"], Decimal("0.01"))
        ]
        transaction.set_rollback(True)


def test_a_batch_takes_a_few_statements_whatever_its_size(monkeypatch):
    from eventstore import tables

    statements = []
    monkeypatch.setattr(tables, "execute", lambda statement, params: statements.append(statement))
    buffer = Buffer()
    for nth in range(300):
        buffer.take(
            [Put(Place, row="a", seat=nth), Add(Place, ("b", nth), guests=1), Drop(Place, ("c", nth))]
        )
        buffer.take([Set(Place, ("d", nth), label="x")])
    buffer.flush()
    assert len(statements) == 5
