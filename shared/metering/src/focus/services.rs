//! The FOCUS categories of services that Cost Explorer names; a service that is not here is in `Other`.
//! The categories are those of FOCUS 1.2, the names those of the dimension `SERVICE`.

/// The category of a service.
pub fn category_of(service: &str) -> &'static str {
    let named = |(_, services): &&(&str, &[&str])| services.contains(&service);
    SERVICES
        .iter()
        .find(named)
        .map_or("Other", |(category, _)| category)
}

const SERVICES: [(&str, &[&str]); 10] = [
    (
        "AI and Machine Learning",
        &[
            "Amazon Bedrock",
            "Amazon Comprehend",
            "Amazon Rekognition",
            "Amazon SageMaker",
            "Amazon Textract",
        ],
    ),
    (
        "Analytics",
        &[
            "AWS Glue",
            "Amazon Athena",
            "Amazon Elasticsearch Service",
            "Amazon Kinesis",
            "Amazon OpenSearch Service",
            "Amazon QuickSight",
            "Amazon Redshift",
        ],
    ),
    (
        "Compute",
        &[
            "AWS Batch",
            "AWS Lambda",
            "Amazon Elastic Compute Cloud - Compute",
            "Amazon EC2 Container Registry (ECR)",
            "Amazon Elastic Container Service",
            "Amazon Elastic Container Service for Kubernetes",
            "Amazon Lightsail",
        ],
    ),
    (
        "Databases",
        &[
            "Amazon DocumentDB (with MongoDB compatibility)",
            "Amazon DynamoDB",
            "Amazon ElastiCache",
            "Amazon MemoryDB",
            "Amazon Neptune",
            "Amazon Relational Database Service",
        ],
    ),
    (
        "Developer Tools",
        &["AWS CodePipeline", "AWS X-Ray", "CodeBuild"],
    ),
    (
        "Integration",
        &[
            "AWS Step Functions",
            "Amazon Simple Notification Service",
            "Amazon Simple Queue Service",
            "CloudWatch Events",
        ],
    ),
    (
        "Management and Governance",
        &[
            "AWS CloudTrail",
            "AWS Config",
            "AWS Cost Explorer",
            "AWS Systems Manager",
            "AmazonCloudWatch",
        ],
    ),
    (
        "Networking",
        &[
            "AWS Direct Connect",
            "Amazon API Gateway",
            "Amazon CloudFront",
            "Amazon Elastic Load Balancing",
            "Amazon Route 53",
            "Amazon Virtual Private Cloud",
        ],
    ),
    (
        "Security",
        &[
            "AWS Key Management Service",
            "AWS Secrets Manager",
            "AWS Security Hub",
            "AWS WAF",
            "Amazon Cognito",
            "Amazon GuardDuty",
            "Amazon Inspector",
        ],
    ),
    (
        "Storage",
        &[
            "AWS Backup",
            "Amazon Elastic File System",
            "Amazon FSx",
            "Amazon Glacier",
            "Amazon Simple Storage Service",
        ],
    ),
];
