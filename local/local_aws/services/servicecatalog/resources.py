"""Who may see a portfolio, in templates: AWS::ServiceCatalog::PortfolioPrincipalAssociation.

Unknown to moto.
"""

from typing import Any

from botocore.client import BaseClient

from local_aws.services.cloudformation.resources import ApiResource


class PortfolioPrincipalAssociation(ApiResource):
    """AWS::ServiceCatalog::PortfolioPrincipalAssociation: unknown to moto."""

    TYPE = "AWS::ServiceCatalog::PortfolioPrincipalAssociation"
    SERVICE = "servicecatalog"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: properties[key] for key in ("PortfolioId", "PrincipalARN", "PrincipalType")}
        client.associate_principal_with_portfolio(**wanted)
        return f"{wanted['PrincipalARN']}|{wanted['PortfolioId']}"

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "ApiResource":
        # Every property is the identity of the association: another one takes its place.
        principal, portfolio = original_resource.physical_resource_id.split("|")
        made = super().update_from_cloudformation_json(
            original_resource, new_resource_name, cloudformation_json, account_id, region_name
        )
        if made.physical_resource_id != original_resource.physical_resource_id:
            kind = "IAM_PATTERN" if ":iam:::" in principal else "IAM"
            cls.client(account_id, region_name).disassociate_principal_from_portfolio(
                PortfolioId=portfolio, PrincipalARN=principal, PrincipalType=kind
            )
        return made

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.disassociate_principal_from_portfolio(
            PortfolioId=properties["PortfolioId"],
            PrincipalARN=properties["PrincipalARN"],
            PrincipalType=properties["PrincipalType"],
        )
