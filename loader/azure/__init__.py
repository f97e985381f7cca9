"""The way in: signing in, calling Azure through its SDKs, recording and replaying. Start at `sessions`."""
