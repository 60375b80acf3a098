"""Jars of beans: the smallest domain that uses everything the engine offers."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from django.db import models
from django.db.models.functions import Upper
from django.test.utils import isolate_apps

from eventstore import messages
from eventstore.decider import deciders
from eventstore.messages import Claim, Rejection, Release, Require, command, event, state
from eventstore.policy import Policy
from eventstore.projector import Add, Drop, Projector, Put, Set, projectors
from eventstore.text import Text


@event("beans.added")
class BeansAdded:
    jar: str
    count: int
    note: str | None = None


@event("beans.labelled")
class JarLabelled:
    jar: str
    label: str
    former: str | None = None


@event("beans.broken")
class JarBroken:
    jar: str
    label: str | None = None


@event("beans.poured")
class BeansPoured:
    """Beans from one jar into another, which must have a label."""

    jar: str
    into: str


@event("beans.sealed")
class JarSealed:
    jar: str


@event("peas.counted")
class PeasCounted:
    """Of another context."""

    bowl: str
    peas: int


EVENTS = (PeasCounted, JarSealed, BeansAdded, JarLabelled, JarBroken, BeansPoured)


@command("beans.add", audit="jar count note")
class AddBeans:
    jar: str
    count: int = 1
    note: Annotated[str, Text(20, blank=True)] = ""
    secret: str = ""


@command("beans.label", audit="jar label")
class LabelJar:
    jar: str
    label: str
    instead: str | None = None


@command("beans.break", audit="jar")
class BreakJar:
    jar: str


@command("beans.pour", audit="jar into")
class PourBeans:
    jar: str
    into: str


@command("beans.seal", audit="jar")
class SealJar:
    jar: str


@command("beans.polish", audit="jar")
class PolishJar:
    """Nothing comes of it."""

    jar: str


JarCommand = AddBeans | LabelJar | BreakJar | PourBeans | SealJar | PolishJar


class JarIsBroken(Rejection):
    """This jar is broken."""


class AlreadySealed(Rejection):
    """This jar has been sealed already."""


class WrongJar(Exception):
    """A mistake in the code of an aggregate."""


@state
class Jar:
    broken: bool = False
    sealed: bool = False
    label: str | None = None


initial = Jar()


def stream(command):
    return f"jar-{command.jar}"


def decide(jar, command):
    match command:
        case AddBeans(jar="wrong"):
            raise WrongJar
        case AddBeans() | LabelJar() if jar.broken:
            raise JarIsBroken
        case AddBeans():
            yield BeansAdded(jar=command.jar, count=command.count, note=command.note or None)
        case LabelJar():
            yield JarLabelled(jar=command.jar, label=command.label, former=jar.label)
        case BreakJar() if not jar.broken:
            yield JarBroken(jar=command.jar, label=jar.label)
        case SealJar() if jar.sealed:
            raise AlreadySealed
        case SealJar():
            yield JarSealed(jar=command.jar)
        case PourBeans():
            yield BeansPoured(jar=command.jar, into=command.into)


def evolve(jar, event):
    match event:
        case JarLabelled():
            return replace(jar, label=event.label)
        case JarBroken():
            return replace(jar, broken=True)
        case JarSealed():
            return replace(jar, sealed=True)
        case _:
            return jar


def names(jar, event) -> Iterator[Claim | Release | Require]:
    match event:
        case JarLabelled():
            yield Claim("label", event.label)
            if event.former:
                yield Release("label", event.former)
        case JarBroken(label=str(label)):
            yield Release("label", label)
        case BeansPoured():
            yield Require("label", event.into)


def otherwise(command, taken):
    if isinstance(command, LabelJar) and command.instead:
        return replace(command, label=command.instead, instead=None)
    return None


with isolate_apps():

    class Shelf(models.Model):
        """Jars as they stand on the shelf."""

        id = models.TextField(primary_key=True)
        beans = models.IntegerField(default=0)
        label = models.CharField(max_length=10, default="")
        notes = models.JSONField(null=True)
        loud = models.GeneratedField(
            expression=Upper("label"), output_field=models.TextField(), db_persist=True
        )

        class Meta:
            app_label = "beans"
            db_table = "beans_shelf"

    class Shard(models.Model):
        """What is left of broken jars."""

        jar = models.TextField(primary_key=True)
        position = models.BigIntegerField(unique=True)

        class Meta:
            app_label = "beans"
            db_table = "beans_shard"

    class Bowl(models.Model):
        """Peas."""

        id = models.TextField(primary_key=True)
        peas = models.IntegerField(default=0)

        class Meta:
            app_label = "beans"
            db_table = "peas_bowl"


shelf = Projector("beans.shelf", tables=[Shelf])
shards = Projector("beans.shards", tables=[Shard])
bowls = Projector("peas.bowls", tables=[Bowl])
projectors[:] = [projector for projector in projectors if projector not in (shelf, shards, bowls)]


@shelf.on(BeansAdded)
def fill(event, fact):
    yield Add(Shelf, event.jar, beans=event.count)
    if event.note:
        yield Set(Shelf, event.jar, notes=[event.note, fact.position])


@shelf.on(JarLabelled)
def label(event, fact):
    yield Add(Shelf, event.jar, beans=0)
    yield Set(Shelf, event.jar, label=event.label)


@shelf.on(JarBroken)
def clear(event, fact):
    yield Drop(Shelf, event.jar)


@shards.on(JarBroken)
def collect(event, fact):
    yield Put(Shard, jar=event.jar, position=fact.position)


@bowls.on(PeasCounted)
def count(event, fact):
    yield Add(Bowl, event.bowl, peas=event.peas)


replacing = Policy("beans.replacing")


@replacing.on(JarBroken)
def put_another_there(event, fact):
    """Whenever a jar broke, ask for beans in a spare one."""
    yield AddBeans(jar=f"spare-{event.jar}", count=7)


def register(patch):
    """Makes the domain known for the time of a test."""
    for cls in EVENTS:
        kind = messages.EventType(_KINDS[cls].name, _KINDS[cls].schema, cls)
        patch.setitem(messages.EVENT_TYPES, cls, kind)
        patch.setitem(messages.EVENT_NAMES, kind.name, kind)
    for command_class in JarCommand.__args__:
        patch.setitem(deciders._by_command, command_class, sys.modules[__name__])


_KINDS = {cls: messages.EVENT_TYPES.pop(cls) for cls in EVENTS}
for _kind in _KINDS.values():
    del messages.EVENT_NAMES[_kind.name]
