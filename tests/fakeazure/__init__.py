"""A local HTTPS server that plays Azure: sign-in, Resource Manager and Graph, with faults on demand."""

from tests.fakeazure.server import FakeAzure, Fault

__all__ = ["FakeAzure", "Fault"]
