from django.urls import path

from conversations.views import commands, drafts, pages, prompt_templates, settings_page

app_name = "conversations"
urlpatterns = [
    path("", pages.home, name="home"),
    path("conversations/", pages.conversation_list, name="conversation-list"),
    path("conversations/new/", commands.conversation_create, name="conversation-create"),
    path("conversations/new/draft/", drafts.draft_of_new_save, name="draft-of-new-save"),
    path("conversations/<uuid:pk>/draft/", drafts.draft_save, name="draft-save"),
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
    path("generations/<uuid:pk>/stop/", commands.generation_stop, name="generation-stop"),
    path("settings/", settings_page.settings_page, name="settings"),
    path("prompt-templates/", prompt_templates.template_list, name="prompt-template-list"),
    path("prompt-templates/new/", prompt_templates.template_create, name="prompt-template-create"),
    path(
        "prompt-templates/import/", prompt_templates.template_import, name="prompt-template-import"
    ),
    path(
        "prompt-templates/export/", prompt_templates.template_export, name="prompt-template-export"
    ),
    path(
        "prompt-templates/titles/", prompt_templates.template_titles, name="prompt-template-titles"
    ),
    path(
        "prompt-templates/delete/",
        prompt_templates.template_delete_all,
        name="prompt-template-delete-all",
    ),
    path(
        "prompt-templates/restore/",
        prompt_templates.template_restore,
        name="prompt-template-restore",
    ),
    path(
        "prompt-templates/<uuid:pk>/", prompt_templates.template_edit, name="prompt-template-edit"
    ),
    path(
        "prompt-templates/<uuid:pk>/text/",
        prompt_templates.template_text,
        name="prompt-template-text",
    ),
    path(
        "prompt-templates/<uuid:pk>/delete/",
        prompt_templates.template_delete,
        name="prompt-template-delete",
    ),
]
