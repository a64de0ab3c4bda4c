"""The permission downgrade as meshStack's AWS integration guide prints it (section "Create the Lambda").

Unchanged, so that the comparison is with what operators run today.
"""

import json
import logging
import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)

def main(event, context):
    logger.debug("Recieved event "+ json.dumps(event))

    accessRoleName = 'MeshstackAccountAccessRole'
    # the policy to remove
    adminAccessPolicy = 'AdministratorAccess'
    # the name of the new policy to add
    minimumMeshAccessPolicy = 'MeshstackAccountAccessPolicy'

    accountId = event["AccountId"]

    sts = boto3.client('sts')
    assumed_role_object = sts.assume_role(
        RoleArn = "arn:aws:iam::"+accountId+":role/PermissionDowngradeLambdaExecutionRole",
        RoleSessionName = "DowngradePermissionsSession"
    )
    logger.debug("Successfully assumed role in child account.")

    credentials = assumed_role_object['Credentials']
    accessKey = credentials['AccessKeyId']
    secretKey = credentials['SecretAccessKey']
    sessionToken = credentials['SessionToken']

    iam = boto3.client(
        'iam',
         aws_access_key_id = accessKey,
         aws_secret_access_key = secretKey,
         aws_session_token = sessionToken
    )

    response = iam.list_role_policies(RoleName = accessRoleName)

    logger.debug("Response from list role policies" + json.dumps(response))

    if minimumMeshAccessPolicy not in response['PolicyNames']:
        policy = """{
                "Version": "2012-10-17",
                "Statement": [
                  {
                    "Effect": "Allow",
                    "Action": [
                      "iam:CreateSAMLProvider",
                      "iam:GetSAMLProvider",
                      "iam:UpdateSAMLProvider",
                      "iam:DeleteSAMLProvider",
                      "iam:ListSAMLProviders"
                    ],
                    "Resource": [
                      "arn:aws:iam::%s:saml-provider/*",
                      "arn:aws:cloudformation:*:%s:stack/meshstack-cf-access*"
                    ]
                  },
                  {
                    "Effect": "Allow",
                    "Action": [
                      "iam:ListAttachedRolePolicies",
                      "iam:CreateAccountAlias",
                      "iam:ListAccountAliases",
                      "iam:DeleteAccountAlias",
                      "iam:GetRole",
                      "iam:CreateRole",
                      "iam:AttachRolePolicy",
                      "iam:UpdateAssumeRolePolicy"
                    ],
                    "Resource": "*"
                  },
                  {
                    "Effect": "Allow",
                    "Action": [
                      "cloudformation:DescribeStacks"
                    ],
                    "Resource": "*"
                  }
                ]
            }
            """ % (accountId, accountId)
        logger.debug("Putting policy "+ policy)
        iam.put_role_policy(
            RoleName = accessRoleName,
            PolicyName = minimumMeshAccessPolicy,
            PolicyDocument = policy
        )
        logger.info("Created minimum access policy")


    if adminAccessPolicy in response['PolicyNames']:
        iam.delete_role_policy(
            RoleName = accessRoleName,
            PolicyName = adminAccessPolicy
        )
        logger.info("Removed admin access policy")

    return {
        'statusCode': 200,
        'body': 'Successfully downgraded'
    }
