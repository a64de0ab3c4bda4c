"""Topics in templates: AWS::SNS::TopicPolicy and AWS::SNS::Subscription.

Unknown to moto.
"""

from typing import Any

from botocore.client import BaseClient

from local_aws.services.cloudformation.resources import ApiResource, policy_text


class TopicPolicy(ApiResource):
    """AWS::SNS::TopicPolicy: unknown to moto."""

    TYPE = "AWS::SNS::TopicPolicy"
    SERVICE = "sns"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        for topic in properties["Topics"]:
            client.set_topic_attributes(
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=policy_text(properties["PolicyDocument"]),
            )
        return name

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        """AWS puts the topic's default policy back; the topic goes with it in our templates."""


class Subscription(ApiResource):
    """AWS::SNS::Subscription: unknown to moto."""

    TYPE = "AWS::SNS::Subscription"
    SERVICE = "sns"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        answer = client.subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties.get("Endpoint", ""),
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.unsubscribe(SubscriptionArn=physical_id)
