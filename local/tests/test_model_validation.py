"""Requests are held to the model of their operation, in the words of AWS."""

from typing import Any

import pytest

from local_aws.api.model_validation import message, problems
from local_aws.enforcement.calls import service_model

COMPLETE = {"ProvisionedProductName": "name", "ProvisionToken": "token"}


def found(parameters: Any, service: str = "servicecatalog", operation: str = "ProvisionProduct") -> list[str]:
    model = service_model(service)
    assert model is not None
    return problems(parameters, model.operation_model(operation).input_shape)


def test_what_fits_has_no_problems() -> None:
    parameters = [{"Key": "a", "Value": "b"}]
    assert found({**COMPLETE, "ProvisioningParameters": parameters, "Tags": [{"Key": "ä", "Value": "ß"}]}) == []
    assert found({**COMPLETE, "AMemberOfTomorrow": 1}) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"ProvisionToken": None}, "Value null at 'provisionToken' failed to satisfy constraint: Member must not be"),
        ({"ProvisionToken": "a b"}, "Member must satisfy regular expression pattern: [a-zA-Z0-9][a-zA-Z0-9_-]*"),
        ({"ProvisionedProductName": "a" * 129}, "Member must have length less than or equal to 128"),
        ({"PathName": ""}, "Member must have length greater than or equal to 1"),
        ({"ProductId": 7}, "Value '7' at 'productId' failed to satisfy constraint: Member must be of type string"),
        ({"Tags": {}}, "Member must be of type list"),
        ({"ProvisioningParameters": [{"Key": ""}]}, "Value '' at 'provisioningParameters.1.member.key' failed"),
        ({"NotificationArns": ["arn:aws:sns:a:b:c"] * 6}, "Member must have length less than or equal to 5"),
    ],
)
def test_what_does_not_fit_is_told(changes: dict[str, Any], text: str) -> None:
    (problem,) = found({**COMPLETE, **changes})
    assert text in problem


def test_values_of_maps_and_enumerations_are_checked() -> None:
    (problem,) = found({"AccessLevelFilter": {"Key": "Planet"}}, operation="ScanProvisionedProducts")
    assert "Member must satisfy enum value set: [Account, Role, User]" in problem
    (problem,) = found({"Filters": {"Colour": ["red"]}}, operation="SearchProducts")
    assert "Value 'Colour' at 'filters' failed" in problem


def test_numbers_have_a_range() -> None:
    for size, text in ((4, "greater than or equal to 5"), (101, "less than or equal to 100")):
        (problem,) = found({"maxResults": size}, "controltower", "ListEnabledBaselines")
        assert f"Member must have value {text}" in problem
    (problem,) = found({"maxResults": True}, "controltower", "ListEnabledBaselines")
    assert "of type integer" in problem


def test_documents_may_be_anything() -> None:
    arn = "arn:aws:controltower:eu-central-1::baseline/17BSJV3IGJ2QSGA2"
    request = {"baselineVersion": "4.0", "baselineIdentifier": arn, "targetIdentifier": arn}
    for value in ("text", 1, {"a": []}, []):
        parameters = [{"key": "a", "value": value}]
        assert found({**request, "parameters": parameters}, "controltower", "EnableBaseline") == []


def test_all_problems_are_told_together() -> None:
    text = message(found({}))
    assert text.startswith("2 validation errors detected: Value null at 'provisionedProductName'")
    assert "; Value null at 'provisionToken'" in text
