"""Takes postbacks and keeps their tags until the caller phones; its merger stamps them on the call."""
