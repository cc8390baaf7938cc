from conversations.models.attachment import Attachment
from conversations.models.conversation import Conversation
from conversations.models.conversation_defaults import ConversationDefaults
from conversations.models.delta import Delta
from conversations.models.draft import Draft
from conversations.models.engine_process import EngineProcess
from conversations.models.exported import Export
from conversations.models.generation import Generation
from conversations.models.imported import Import, ImportRow
from conversations.models.message import Message
from conversations.models.origin import Origin, OriginPiece
from conversations.models.prompt_template import PromptTemplate

__all__ = [
    "Attachment",
    "Conversation",
    "ConversationDefaults",
    "Delta",
    "Draft",
    "EngineProcess",
    "Export",
    "Generation",
    "Import",
    "ImportRow",
    "Message",
    "Origin",
    "OriginPiece",
    "PromptTemplate",
]
