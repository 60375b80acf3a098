"""How often one may try what only the owner of an account should: every limit stands here.

Of the counters everybody's comes last: whoever is refused by their address's or their account's spends nothing of it.
"""

from dataclasses import dataclass

from eventstore import budgets
from eventstore.acting import acting
from eventstore.addresses import counted_as, estate_of
from eventstore.budgets import HOUR, MINUTE, Counter, Limit, Spent, spend_generously
from eventstore.budgets import TooMany as TooMany

HOUSES = 8


@dataclass(frozen=True, slots=True)
class Budget:
    """So often from one address, for one account, and in all; None is not counted.

    Where an owner has many addresses, all of these together may be `HOUSES` times as often as one.
    """

    name: str
    peer: Limit | None = None
    account: Limit | None = None
    everybody: Limit | None = None
    generous: bool = False

    @property
    def estate(self) -> Limit | None:
        return self.peer and Limit(self.peer.most * HOUSES, self.peer.seconds)

    def counters(self, account: str, address: str) -> list[Counter]:
        each = [
            ("peer", counted_as(address), self.peer),
            ("account", account, self.account),
            ("estate", estate_of(address), self.estate),
            ("all", "all", self.everybody),
        ]
        return [Counter(f"{self.name} {what}", who, limit) for what, who, limit in each if who and limit]


SIGN_IN = Budget(
    "sign-in",
    peer=Limit(100, 15 * MINUTE),
    account=Limit(10, 15 * MINUTE),
    everybody=Limit(1_000, MINUTE),
)
KNOWN_DEVICE = Budget("known device", account=Limit(10, 15 * MINUTE))
RESET = Budget("reset", peer=Limit(20, HOUR), account=Limit(3, HOUR), everybody=Limit(300, MINUTE))
CONFIRM = Budget("confirm", account=Limit(10, 15 * MINUTE))
"""Whoever is known already says the password again, as to close the account."""

REGISTER = Budget("register", peer=Limit(1_000, 10 * MINUTE), generous=True)


def spend(budget: Budget, account: str = "") -> Spent:
    """Counts a try before it is made; raises `TooMany` (with `what` and `retry_after_s`) if it is one too many.

    The address is that of whoever is acting; `account` is any text that names the account. `give_back()` of what this
    returns undoes the count when the try turns out to be a good one. Call it outside of any transaction.
    """
    count = spend_generously if budget.generous else budgets.spend
    return count(*budget.counters(account, acting().address))
