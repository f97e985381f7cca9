"""Who says that a declared path exists: the installed SDK's models, a reference page, or a real answer."""
