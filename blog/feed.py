"""What the world may know of the blog: what stands on its pages. Who follows whom does not.

What was public stays in the feed: that something was taken down is one more fact.
"""

from blog.events import (
    ArticleCommented,
    ArticleDeleted,
    ArticleEdited,
    ArticleFavorited,
    ArticlePublished,
    ArticleRestored,
    ArticleUnfavorited,
    CommentDeleted,
    CommentRestored,
)
from eventstore.feed.public import tell

tell(ArticlePublished, "article_id author_id slug title description body tags written_at")
tell(ArticleEdited, "article_id author_id slug title description body tags former_tags")
tell(ArticleDeleted, "article_id author_id tags")
tell(ArticleRestored, "article_id author_id tags")
tell(ArticleFavorited, "article_id reader_id")
tell(ArticleUnfavorited, "article_id reader_id")
tell(ArticleCommented, "comment_id article_id author_id body")
tell(CommentDeleted, "comment_id article_id author_id")
tell(CommentRestored, "comment_id article_id author_id")
