from upstream.models.credential import Credential
from upstream.models.language_model import LanguageModel
from upstream.models.provider import Provider

__all__ = ["Credential", "LanguageModel", "Provider"]
