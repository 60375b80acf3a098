"""What the world may know of people: that they are here, by which name, and what they say of themselves.

Never an address, nor when or how they sign in; without versions, since these would count just that.
"""

from accounts.events import ProfileUpdated, UsernameChanged, UserRegistered
from eventstore.feed.public import tell

tell(UserRegistered, "user_id username", versions=False)
tell(UsernameChanged, "user_id username", versions=False)
tell(ProfileUpdated, "user_id bio image", versions=False)
