from django.urls import path

from conversations.views import (
    attachments,
    commands,
    drafts,
    exports,
    frames,
    imports,
    messages,
    pages,
    prompt_templates,
    settings_page,
    shelf,
)

app_name = "conversations"
urlpatterns = [
    path("", pages.home, name="home"),
    path("conversations/", pages.conversation_list, name="conversation-list"),
    path("conversations/new/", commands.conversation_create, name="conversation-create"),
    path("conversations/new/draft/", drafts.draft_of_new_save, name="draft-of-new-save"),
    path("conversations/delete/", shelf.delete_everything, name="delete-everything"),
    path("trash/empty/", shelf.trash_empty, name="trash-empty"),
    path("diagrams/", frames.diagram_frame, name="diagram-frame"),
    path("generations/<uuid:pk>/stop/", commands.generation_stop, name="generation-stop"),
    path("settings/", settings_page.settings_page, name="settings"),
    path("attachments/<slug:digest>/", attachments.attachment, name="attachment"),
    path("import/", imports.import_home, name="import-home"),
    path("import/<uuid:pk>/", imports.import_detail, name="import"),
    path("import/<uuid:pk>/start/", imports.import_start, name="import-start"),
    path("import/<uuid:pk>/cancel/", imports.import_cancel, name="import-cancel"),
    path("import/<uuid:pk>/undo/", imports.import_undo, name="import-undo"),
    path("import/<uuid:pk>/report/", imports.import_report, name="import-report"),
    path("export/", exports.export_create, name="export-create"),
    path("exports/", exports.export_list, name="export-list"),
    path("exports/<uuid:pk>/file/", exports.export_file_get, name="export-file"),
    path("exports/<uuid:pk>/cancel/", exports.export_cancel, name="export-cancel"),
    path("exports/<uuid:pk>/delete/", exports.export_delete, name="export-delete"),
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
of_conversation = [
    ("", pages.conversation, "conversation"),
    ("export/", exports.conversation_export, "conversation-export"),
    ("branch/", pages.conversation_branch, "conversation-branch"),
    ("events/", pages.conversation_events, "conversation-events"),
    ("gauge/", pages.conversation_gauge, "conversation-gauge"),
    ("messages/", commands.message_create, "message-create"),
    ("draft/", drafts.draft_save, "draft-save"),
    ("title/", shelf.conversation_rename, "conversation-rename"),
    ("pin/", shelf.conversation_pin, "conversation-pin"),
    ("archive/", shelf.conversation_archive, "conversation-archive"),
    ("seen/", shelf.conversation_seen, "conversation-seen"),
    ("settings/", shelf.conversation_settings, "conversation-settings"),
    ("delete/", shelf.conversation_delete, "conversation-delete"),
    ("clear/", shelf.conversation_clear, "conversation-clear"),
    ("restore/", shelf.conversation_restore, "conversation-restore"),
    ("erase/", shelf.conversation_erase, "conversation-erase"),
]
of_message = [
    ("generations/", commands.generation_create, "generation-create"),
    ("edit/", commands.message_edit, "message-edit"),
    ("version/", messages.message_version, "message-version"),
    ("context/", messages.message_context, "message-context"),
    ("details/", messages.message_details, "message-details"),
    ("copy/", messages.message_copy, "message-copy"),
    ("delete/", messages.message_delete, "message-delete"),
    ("restore/", messages.message_restore, "message-restore"),
]
for folder, doors in (("conversations", of_conversation), ("messages", of_message)):
    urlpatterns += [path(f"{folder}/<uuid:pk>/{end}", view, name=name) for end, view, name in doors]
