"""The demo tenant: Contoso, an invented company, in the wire format of today's APIs."""

from loader.demo.tenant import exchanges

__all__ = ["exchanges"]
