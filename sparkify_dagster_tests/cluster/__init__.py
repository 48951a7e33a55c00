"""Tests of `sparkify cluster`, and what stands in for AWS in them.

IAM, STS, EC2, S3, Secrets Manager and Redshift are moto's, asked over HTTP by the true boto3. ``moto_more`` adds what
moto lacks or takes too lightly, in the shapes that botocore knows:

- Redshift: ManageMasterPassword and MasterPasswordSecretArn, with a true secret in moto's Secrets Manager;
  DefaultIamRoleArn; ModifyClusterParameterGroup, ModifyClusterIamRoles, ModifyClusterSubnetGroup;
  DescribeClusterParameters(Source=user); states that last (creating, modifying, pausing, resuming, deleting; of
  snapshots: creating), and the refusals that go with them; what is in use can't be deleted; unknown node types;
  SnapshotType.
- S3: tags that come with CreateBucket; ExpectedBucketOwner; a policy's condition aws:SecureTransport, for which the
  tests' HTTP counts as TLS.
- IAM: AmazonS3ReadOnlyAccess, by name only.
- EC2: a security group that a cluster uses, or used a moment ago, can't be deleted.

Redshift Serverless, which moto does not know at all, is botocore's Stubber: each request is checked against the
service's model, and so is each answer, which ``workgroups`` makes up from what was asked before.

None of this proves that AWS itself answers so: names of states and errors, and what may be changed in which state, are
from its documentation. What IAM permits is not tested against AWS either: see ``test_permissions``.
"""
