"""The features of IAM's root access management: which are on, and who turns them on and off.

Who may call, and what is missing, as the IAM API Reference says of ListOrganizationsFeatures,
EnableOrganizationsRootCredentialsManagement and DisableOrganizationsRootCredentialsManagement, with the codes of its model;
the trusted service is that of "IAM and AWS Organizations" in the user guide of Organizations. moto has none of them, knows no trust in
IAM, and lets nobody be a delegated administrator of IAM.
"""

from moto.core.responses import ActionResult
from moto.iam.exceptions import IAMException
from moto.iam.responses import IamResponse
from moto.organizations.models import FakeServiceAccess, OrganizationsBackend

from local_aws.patches import add, replace
from local_aws.services.iam.models.root_users import CREDENTIALS_MANAGEMENT, features_of
from local_aws.services.organizations.models.organizations import lock, organization_of

SERVICE = "iam.amazonaws.com"

replace(FakeServiceAccess, "TRUSTED_SERVICES", [*FakeServiceAccess.TRUSTED_SERVICES, SERVICE])


class _Refusal(IAMException):
    """An error of the model whose name is the class's."""

    def __init__(self) -> None:
        self.code = type(self).__name__.removeprefix("_")
        super().__init__(str(type(self).__doc__))


class _OrganizationNotFoundException(_Refusal):
    """There is no organization associated with your account."""


class _OrganizationNotInAllFeaturesModeException(_Refusal):
    """Your organization does not have all features enabled."""


class _ServiceAccessNotEnabledException(_Refusal):
    """Trusted access is not enabled for IAM in AWS Organizations."""


class _AccountNotManagementOrDelegatedAdministratorException(_Refusal):
    """The account is neither the management account nor a delegated administrator of centralized root access."""


def _organization(account_id: str) -> OrganizationsBackend:
    """The organization that the account may ask about."""
    backend = organization_of(account_id)
    if backend.org is None:
        raise _OrganizationNotFoundException
    if account_id != backend.account_id:
        raise _AccountNotManagementOrDelegatedAdministratorException
    if backend.org.feature_set != "ALL":
        raise _OrganizationNotInAllFeaturesModeException
    if not any(service["ServicePrincipal"] == SERVICE for service in backend.services):
        raise _ServiceAccessNotEnabledException
    return backend


def _answer(backend: OrganizationsBackend) -> ActionResult:
    assert backend.org
    return ActionResult({"OrganizationId": backend.org.id, "EnabledFeatures": features_of(backend)})


@add(IamResponse, "list_organizations_features")
def _list_organizations_features(self: IamResponse) -> ActionResult:
    with lock:
        return _answer(_organization(self.current_account))


@add(IamResponse, "enable_organizations_root_credentials_management")
def _enable_root_credentials_management(self: IamResponse) -> ActionResult:
    with lock:
        backend = _organization(self.current_account)
        if CREDENTIALS_MANAGEMENT not in features_of(backend):
            features_of(backend).append(CREDENTIALS_MANAGEMENT)
        return _answer(backend)


@add(IamResponse, "disable_organizations_root_credentials_management")
def _disable_root_credentials_management(self: IamResponse) -> ActionResult:
    with lock:
        backend = _organization(self.current_account)
        if CREDENTIALS_MANAGEMENT in features_of(backend):
            features_of(backend).remove(CREDENTIALS_MANAGEMENT)
        return _answer(backend)
