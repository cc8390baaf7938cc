from django.urls import path

from conversations.views import commands, frames, pages

app_name = "conversations"
urlpatterns = [
    path("", pages.home, name="home"),
    path("conversations/", pages.conversation_list, name="conversation-list"),
    path("conversations/new/", commands.conversation_create, name="conversation-create"),
    path("conversations/<uuid:pk>/", pages.conversation, name="conversation"),
    path("conversations/<uuid:pk>/branch/", pages.conversation_branch, name="conversation-branch"),
    path("conversations/<uuid:pk>/events/", pages.conversation_events, name="conversation-events"),
    path(
        "conversations/<uuid:pk>/title/", commands.conversation_rename, name="conversation-rename"
    ),
    path(
        "conversations/<uuid:pk>/delete/", commands.conversation_delete, name="conversation-delete"
    ),
    path(
        "conversations/<uuid:pk>/restore/",
        commands.conversation_restore,
        name="conversation-restore",
    ),
    path("conversations/<uuid:pk>/messages/", commands.message_create, name="message-create"),
    path("messages/<uuid:pk>/generations/", commands.generation_create, name="generation-create"),
    path("diagrams/", frames.diagram_frame, name="diagram-frame"),
    path("generations/<uuid:pk>/stop/", commands.generation_stop, name="generation-stop"),
]
