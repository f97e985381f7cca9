"""A local HTTPS server that plays Azure: sign-in, Resource Manager and Graph, with faults on demand."""

from tests.fakeazure.entra import Application, PlayedTenant
from tests.fakeazure.server import FakeAzure, Fault

__all__ = ["Application", "FakeAzure", "Fault", "PlayedTenant"]
