import { RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

/** A bucket of the stack, or one that the operator names. */
export type StackBucket = Pick<IBucket, 'bucketArn' | 'bucketName' | 'arnForObjects'>;

/** Returns the bucket of attachments that the operator names, which stays as it is, or creates one. */
export const bucketOf = (scope: Construct, settings: Settings): StackBucket =>
  settings.bucketName === undefined
    ? createBucket(scope, settings)
    : Bucket.fromBucketName(scope, 'Attachments', settings.bucketName);

/**
 * Creates the bucket of attachments: private, encrypted, by TLS alone. The bucket keeps no versions, so that a deletion deletes.
 * CloudFormation deletes a bucket only when the bucket is empty.
 */
const createBucket = (scope: Construct, { keepData }: Settings): Bucket => {
  const bucket = new Bucket(scope, 'Attachments', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: false,
    removalPolicy: keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
  });
  suppressFindings(bucket, {
    'AwsSolutions-S1': 'Two functions alone have access; CloudTrail can log theirs if wanted.',
  });
  return bucket;
};
