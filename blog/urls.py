"""The addresses of the blog. None ends with a slash."""

from django.urls import path

from blog.views import articles, comments, lists, people

urlpatterns = [
    path("", lists.home, name="home"),
    path("tag/<path:tag>", lists.tag, name="tag"),
    path("editor", articles.write, name="new-article"),
    path("editor/preview", articles.preview, name="preview"),
    path("editor/<str:slug>", articles.edit, name="edit-article"),
    path("article/<str:slug>", articles.article, name="article"),
    path("article/<str:slug>/favorite", articles.favorite, name="favorite"),
    path("article/<str:slug>/unfavorite", articles.unfavorite, name="unfavorite"),
    path("article/<str:slug>/delete", articles.delete, name="delete-article"),
    path("article/<str:slug>/restore", articles.restore, name="restore-article"),
    path("article/<str:slug>/comments", comments.post, name="comment"),
    path("article/<str:slug>/comments/<int:number>/delete", comments.delete, name="delete-comment"),
    path("article/<str:slug>/comments/<int:number>/restore", comments.restore, name="restore-comment"),
    path("profile/<str:username>", people.profile, name="profile"),
    path("profile/<str:username>/favorites", people.favorites, name="favorites"),
    path("profile/<str:username>/follow", people.follow, name="follow"),
    path("profile/<str:username>/unfollow", people.unfollow, name="unfollow"),
]
