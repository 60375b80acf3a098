from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Blog"

    def ready(self) -> None:
        from blog import feed, live, policies, projectors, telling  # noqa: F401
        from blog.aggregates import article, author, comment, favorite, follow
        from eventstore.decider import deciders

        deciders.register(author, author.AuthorCommand)
        deciders.register(article, article.ArticleCommand)
        deciders.register(favorite, favorite.FavoriteCommand)
        deciders.register(follow, follow.FollowCommand)
        deciders.register(comment, comment.CommentCommand)
