"""Settings, keys and limits: ``config.load()`` reads file < environment < flags."""

from config.keys import Keys, KeysError, load_keys
from config.load import ConfigError, load
from config.model import Settings

__all__ = ["ConfigError", "Keys", "KeysError", "Settings", "load", "load_keys"]
