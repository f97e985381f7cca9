"""Which cloud, which endpoints, which credential: read from the documented variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import CredentialUnavailableError

from loader.azure.credential import ReplayCredential, check_sign_in, credential
from loader.azure.settings import CLOUDS, AzureSettings
from loader.errors import UnreachableError, UsageError

APP = {"AZURE_TENANT_ID": "7c9f0a52-1111-4222-8333-444455556666", "AZURE_CLIENT_ID": "app"}


def test_clouds() -> None:
    assert AzureSettings.from_environment({}).cloud == CLOUDS["public"]
    assert AzureSettings.from_environment({"AZGRAPH_CLOUD": "China"}).cloud == CLOUDS["china"]
    assert AzureSettings.from_environment({"AZGRAPH_CLOUD": "china"}, cloud="public").cloud == CLOUDS["public"]
    government = {"AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us/"}
    assert AzureSettings.from_environment(government).cloud == CLOUDS["usgovernment"]


def test_single_endpoints_can_be_replaced() -> None:
    variables = {
        "AZURE_AUTHORITY_HOST": "login.stack.example.com",
        "AZGRAPH_ARM_URL": "https://arm.stack.example.com/",
        "AZGRAPH_GRAPH_URL": "https://dod-graph.microsoft.us",
    }
    settings = AzureSettings.from_environment(variables)
    assert settings.cloud.arm == "https://arm.stack.example.com"
    assert settings.cloud.graph == "https://dod-graph.microsoft.us"
    assert not settings.known_authority


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"AZGRAPH_CLOUD": "moon"}, "There is no cloud 'moon'"),
        ({"AZGRAPH_ARM_URL": "http://management.azure.com"}, "AZGRAPH_ARM_URL must be an https address"),
        ({"AZGRAPH_GRAPH_URL": "graph.microsoft.com"}, "AZGRAPH_GRAPH_URL must be an https address"),
        ({"SSL_CERT_FILE": "/not/there.pem"}, "SSL_CERT_FILE"),
    ],
)
def test_bad_settings_are_refused(variables: dict[str, str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        AzureSettings.from_environment(variables)


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({**APP, "AZURE_CLIENT_SECRET": "s"}, "ClientSecretCredential"),
        ({}, "DefaultAzureCredential"),
        (APP, "DefaultAzureCredential"),
    ],
)
async def test_the_credential_that_the_environment_describes(variables: dict[str, str], kind: str) -> None:
    made = credential(AzureSettings(), variables)
    assert type(made).__name__ == kind
    await made.close()


def test_half_a_credential_is_refused() -> None:
    with pytest.raises(UsageError, match="AZURE_TENANT_ID is not set"):
        credential(AzureSettings(), {"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": "s"})


def test_an_unusable_certificate_is_refused_without_its_content(tmp_path: Path) -> None:
    broken = tmp_path / "app.pem"
    broken.write_text("Pl4nted key material")
    with pytest.raises(UsageError, match="certificate") as caught:
        credential(AzureSettings(), {**APP, "AZURE_CLIENT_CERTIFICATE_PATH": str(broken)})
    assert "Pl4nted" not in str(caught.value)


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (CredentialUnavailableError("nothing configured"), "No Azure credential was found"),
        (ClientAuthenticationError("DefaultAzureCredential failed: Pl4nted"), "No Azure credential was found"),
        (ClientAuthenticationError("AADSTS700016: Pl4nted"), r"\(AADSTS700016\): there is no such application"),
        (ClientAuthenticationError("AADSTS1234567: Pl4nted"), r"\(AADSTS1234567\)\. .*error\?code=1234567"),
        (ServiceRequestError("no route"), "could not be reached"),
    ],
)
async def test_a_failing_sign_in_is_a_sentence(raised: Exception, sentence: str) -> None:
    class Failing(ReplayCredential):
        async def get_token(self, *scopes: str, **kwargs: object) -> AccessToken:
            raise raised

    with pytest.raises(UnreachableError, match=sentence) as caught:
        await check_sign_in(Failing(), AzureSettings())
    assert "Pl4nted" not in str(caught.value)
