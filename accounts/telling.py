"""What happened to accounts, in a few words each."""

from accounts.events import (
    AccountClosed,
    PermissionsGranted,
    ProfileUpdated,
    SignedIn,
    SignInFailed,
    StaffGranted,
    StaffRevoked,
    UserEmailChanged,
    UsernameChanged,
    UserPasswordChanged,
    UserRegistered,
)
from eventstore.telling import say

say(UserRegistered, "Joined as {username}, with the address {email}")
say(UsernameChanged, "Took the name {username}")
say(UserEmailChanged, "Moved to the address {email}")
say(UserPasswordChanged, "Changed the password")
say(ProfileUpdated, "Said something else of themselves")
say(SignedIn, "Signed in")
say(SignInFailed, "Somebody tried to sign in with a wrong password")
say(StaffGranted, "Was let into the admin (as a superuser: {superuser})")
say(PermissionsGranted, "May do this in the admin: {permissions}")
say(StaffRevoked, "Was kept out of the admin")
say(AccountClosed, "Closed the account")
