"""A log, its claims and its policies, in memory: what the engine does, without a database.

Whatever is asked of it is decided twice, on the state that grew with the stream and on the stream folded anew.
"""

from eventstore import codec, text
from eventstore.decider import decide_all, deciders, fold, otherwise
from eventstore.messages import AlreadyTaken, Claim, Missing, Rejection, Release
from eventstore.policy import policies
from eventstore.projector import projectors
from eventstore.testing import Rows, facts

LONG_ENOUGH = 10


class World:
    def __init__(self):
        self.log, self.streams, self.states, self.claims = [], {}, {}, {}

    def ask(self, command):
        """The facts that come of a command, or its refusal. Anew under another name when one is taken."""
        for _ in range(LONG_ENOUGH):
            try:
                return self._carry_out(command)
            except AlreadyTaken as taken:
                command = otherwise(deciders.of(command), command, taken.kinds[0])
                if command is None:
                    return taken
            except Rejection as refusal:
                return refusal
        raise AssertionError(f"no end of {command}")

    def _carry_out(self, command):
        text.check(command)
        decider = deciders.of(command)
        stream = decider.stream(command)
        past, state = self.streams.get(stream, []), self.states.get(stream, decider.initial)
        events, names = self._decided(decider, state, past, command)
        self._name(stream, names)
        for event in events:
            self.streams.setdefault(stream, []).append(event)
            self.states[stream] = decider.evolve(self.states.get(stream, decider.initial), event)
            self.log.append(event)
            for policy in policies:
                for asked in policy.commands(facts(event)[0]):
                    self.ask(asked)
        return events

    def _decided(self, decider, state, past, command):
        folded = fold(decider, [codec.decode(*codec.encode(event)) for event in past])
        assert folded == state
        assert _answer(decider, folded, command) == _answer(decider, state, command)
        assert folded == state, f"{command} changed a state by being decided"
        return decide_all(decider, state, command)

    def _name(self, stream, names):
        claims = dict(self.claims)
        for name in names:
            holder = claims.get((name.kind, name.key))
            match name:
                case Claim():
                    assert holder != stream, f"{stream} claims {name} twice"
                    if holder:
                        raise AlreadyTaken(name.kind)
                    claims[name.kind, name.key] = stream
                case Release():
                    assert holder == stream, f"{stream} releases {name}, which it does not hold"
                    del claims[name.kind, name.key]
                case _ if not holder:
                    raise Missing
        self.claims = claims

    def rows(self):
        rows = Rows()
        for fact in facts(*self.log):
            for projector in projectors:
                rows.apply(projector.project(fact))
        return rows


def _answer(decider, state, command):
    try:
        return decide_all(decider, state, command)
    except Rejection as refusal:
        return type(refusal), str(refusal)


def in_short(answer):
    """The class of a refusal, or those of the facts."""
    return type(answer) if isinstance(answer, Rejection) else [type(event) for event in answer]
