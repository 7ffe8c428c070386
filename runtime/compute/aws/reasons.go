package aws

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// meaning is a row of the table of errors.
type meaning struct {
	cause  batch.RefusalCause
	words  string // what it means, and what to do about it
	again  time.Duration
	passes bool // see failure
}

// How long it takes until it is of use to try again.
const (
	soon      = 30 * time.Second
	capacity  = 3 * time.Minute  // Karpenter, too, remembers for so long that a pool was empty
	quota     = 5 * time.Minute  // instances of others may end meanwhile
	forPeople = 10 * time.Minute // somebody has to change something
	hardly    = time.Hour        // AWS has to change something
)

// meanings is the one place that knows the error codes of AWS. An error that is not in it is told as it is.
var meanings = map[string]meaning{
	// There is none left, for now.
	"InsufficientInstanceCapacity":         {batch.NoCapacity, "EC2 has no instance of this type left in this zone at the moment", capacity, false},
	"InsufficientCapacity":                 {batch.NoCapacity, "EC2 has no instance of this type left in this zone at the moment", capacity, false},
	"InsufficientHostCapacity":             {batch.NoCapacity, "there is no room on the dedicated hosts of the account", capacity, false},
	"InsufficientReservedInstanceCapacity": {batch.NoCapacity, "EC2 has no reserved instance of this type left in this zone at the moment", capacity, false},
	"UnfulfillableCapacity":                {batch.NoCapacity, "EC2 cannot give so many instances at once from these pools", capacity, false},
	"ReservationCapacityExceeded":          {batch.NoCapacity, "the capacity reservation has no room left", capacity, false},
	"SpotMaxPriceTooLow":                   {batch.NoCapacity, "Spot instances of this type cost more than bidPercentage allows at the moment", capacity, false},

	// A quota of the account.
	"VcpuLimitExceeded":                          {batch.NoCapacity, "the account has reached its quota of vCPUs for instances of this kind; ask for more in Service Quotas, or lower maxvCpus", quota, false},
	"InstanceLimitExceeded":                      {batch.NoCapacity, "the account has reached its quota of instances of this type; ask for more in Service Quotas", quota, false},
	"MaxSpotInstanceCountExceeded":               {batch.NoCapacity, "the account has reached its quota of Spot instances; ask for more in Service Quotas", quota, false},
	"MaxFleetCountExceeded":                      {batch.NoCapacity, "the account has reached its quota of fleets", quota, false},
	"FleetCapacityExceeded":                      {batch.NoCapacity, "the fleets of the account have reached their quota of instances", quota, false},
	"InsufficientFreeAddressesInSubnet":          {batch.NoCapacity, "the subnet has no free IP address left; add a subnet, or use a larger one", quota, false},
	"VolumeLimitExceeded":                        {batch.NoCapacity, "the account has reached its quota of EBS volumes", quota, false},
	"LaunchTemplateLimitExceeded":                {batch.NoCapacity, "the account has reached its quota of launch templates; delete some that nobody uses", forPeople, false},
	"MaxSpotFleetRequestCountExceeded":           {batch.NoCapacity, "the account has reached its quota of Spot requests", quota, false},
	"ResourceLimitExceeded":                      {batch.NoCapacity, "the account has reached a quota", quota, false},
	"ResourceCountLimitExceeded":                 {batch.NoCapacity, "the account has reached a quota", quota, false},
	"LimitExceededException":                     {batch.NoCapacity, "the account has reached a quota", quota, false},
	"ParameterLimitExceeded":                     {batch.NoCapacity, "the account has reached its quota of SSM parameters", forPeople, false},
	"ClusterContainsContainerInstancesException": {batch.NoCapacity, "the ECS cluster still has container instances", soon, true},
	"ClusterContainsTasksException":              {batch.NoCapacity, "the ECS cluster still has tasks", soon, true},

	// This cannot be had at all.
	"Unsupported":                                    {batch.Unsupported, "this instance type is not to be had in this zone with this image; choose other types or subnets", hardly, false},
	"UnsupportedOperation":                           {batch.Unsupported, "EC2 does not do this with these instance types", hardly, false},
	"InvalidFleetConfiguration":                      {batch.Unsupported, "EC2 does not take this combination of instance types, zones and launch template", hardly, false},
	"InvalidFleetConfig":                             {batch.Unsupported, "EC2 does not take this combination of instance types, zones and launch template", hardly, false},
	"IncompatibleImageArchitecture":                  {batch.Unsupported, "the image is of another architecture than the instance types; give an image or types of the other architecture", forPeople, false},
	"InvalidParameterCombination":                    {batch.Unsupported, "EC2 does not take these settings together; look at the launch template", forPeople, false},
	"IdempotentParameterMismatch":                    {batch.Unsupported, "the same group of instances was asked for with other settings before", soon, false},
	"InvalidInstanceType":                            {batch.Unsupported, "EC2 does not have this instance type in this region", hardly, false},
	"UnsupportedFeatureException":                    {batch.Unsupported, "ECS does not do this in this region", hardly, false},
	"PlatformUnknownException":                       {batch.Unsupported, "AWS Fargate does not have this platform version", forPeople, false},
	"PlatformTaskDefinitionIncompatibilityException": {batch.Unsupported, "this job definition cannot run on this platform version of AWS Fargate", forPeople, false},

	// Somebody has to permit it.
	"UnauthorizedOperation": {batch.NotPermitted, "the credentials of the environment may not do this; add the permission of the policy in the guide, then try batchd doctor", forPeople, false},
	"AccessDenied":          {batch.NotPermitted, "the credentials of the environment may not do this; add the permission of the policy in the guide, then try batchd doctor", forPeople, false},
	"AccessDeniedException": {batch.NotPermitted, "the credentials of the environment may not do this; add the permission of the policy in the guide, then try batchd doctor", forPeople, false},
	"AuthFailure":           {batch.NotPermitted, "AWS does not accept the credentials of the environment", forPeople, false},
	"AuthFailure.ServiceLinkedRoleCreationNotPermitted": {batch.NotPermitted, "the account has no service-linked role for Spot, and these credentials may not create it; run: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com", forPeople, false},
	"InvalidClientTokenId":                              {batch.NotPermitted, "AWS does not know the access key of the environment; look at batchd.profile and at the credentials", forPeople, false},
	"UnrecognizedClientException":                       {batch.NotPermitted, "AWS does not know the access key of the environment; look at batchd.profile and at the credentials", forPeople, false},
	"SignatureDoesNotMatch":                             {batch.NotPermitted, "the secret access key is wrong, or the clock of this machine is", forPeople, false},
	"ExpiredToken":                                      {batch.NotPermitted, "the credentials have expired; log in again", forPeople, false},
	"ExpiredTokenException":                             {batch.NotPermitted, "the credentials have expired; log in again", forPeople, false},
	"RequestExpired":                                    {batch.NotPermitted, "the clock of this machine is wrong, or the credentials have expired", forPeople, false},
	"OptInRequired":                                     {batch.NotPermitted, "the account has not subscribed to this service or region", forPeople, false},
	"PendingVerification":                               {batch.NotPermitted, "AWS verifies the account before it launches instances there; that takes up to four hours", forPeople, false},
	"Blocked":                                           {batch.NotPermitted, "AWS has blocked the account; contact AWS Support", forPeople, false},

	// Something that the environment names is not there.
	"InvalidSubnetID.NotFound":                    {batch.Unsupported, "a subnet of computeResources.subnets is not in this account and region", forPeople, false},
	"InvalidSubnet.NotFound":                      {batch.Unsupported, "a subnet of computeResources.subnets is not in this account and region", forPeople, false},
	"InvalidGroup.NotFound":                       {batch.Unsupported, "a security group of computeResources.securityGroupIds is not in this account and region", forPeople, false},
	"InvalidSecurityGroupID.NotFound":             {batch.Unsupported, "a security group of computeResources.securityGroupIds is not in this account and region", forPeople, false},
	"InvalidGroupId.Malformed":                    {batch.Unsupported, "a security group of computeResources.securityGroupIds is not an id of a security group", forPeople, false},
	"InvalidAMIID.NotFound":                       {batch.Unsupported, "the image is not in this account and region; give another imageId", forPeople, false},
	"InvalidAMIID.Malformed":                      {batch.Unsupported, "the image is not an id of an image, for example ami-0123456789abcdef0", forPeople, false},
	"InvalidAMIID.Unavailable":                    {batch.Unsupported, "the image has been deregistered; give another imageId, or none for the newest", forPeople, false},
	"InvalidKeyPair.NotFound":                     {batch.Unsupported, "the key pair of computeResources.ec2KeyPair is not in this account and region", forPeople, false},
	"InvalidPlacementGroup.Unknown":               {batch.Unsupported, "the placement group of computeResources.placementGroup is not in this account and region", forPeople, false},
	"InvalidLaunchTemplateId.NotFound":            {batch.Unsupported, "the launch template of computeResources.launchTemplate is not in this account and region", forPeople, false},
	"InvalidLaunchTemplateId.Malformed":           {batch.Unsupported, "the launch template of computeResources.launchTemplate is not an id of a launch template", forPeople, false},
	"InvalidLaunchTemplateName.NotFoundException": {batch.Unsupported, "the launch template of computeResources.launchTemplate is not in this account and region", forPeople, false},
	"InvalidLaunchTemplateId.VersionNotFound":     {batch.Unsupported, "the launch template of computeResources.launchTemplate does not have this version", forPeople, false},
	"InvalidIamInstanceProfileArn.NotFound":       {batch.Unsupported, "the instance profile of computeResources.instanceRole does not exist; create it, or set batchd.createRoles", forPeople, false},
	"InvalidParameterValue":                       {batch.Unsupported, "EC2 does not take a value of the environment or of its launch template", forPeople, false},
	"InvalidUserData.Malformed":                   {batch.Unsupported, "EC2 does not take the user data of the launch template", forPeople, false},
	"NoSuchEntity":                                {batch.Unsupported, "a role or an instance profile of the environment does not exist", forPeople, false},
	"NoSuchEntityException":                       {batch.Unsupported, "a role or an instance profile of the environment does not exist", forPeople, false},
	"ParameterNotFound":                           {batch.Unsupported, "AWS publishes no ECS-optimized image of this kind in this region; give an imageId", forPeople, false},
	"ClusterNotFoundException":                    {batch.Unsupported, "the ECS cluster does not exist", forPeople, false},

	// It passes.
	"RequestLimitExceeded":      {batch.Throttled, "AWS receives too many calls for this account at the moment", soon, true},
	"Throttling":                {batch.Throttled, "AWS receives too many calls for this account at the moment", soon, true},
	"ThrottlingException":       {batch.Throttled, "AWS receives too many calls for this account at the moment", soon, true},
	"EC2ThrottledException":     {batch.Throttled, "AWS receives too many calls for this account at the moment", soon, true},
	"InternalError":             {batch.NoCapacity, "AWS has failed, and is tried again", soon, true},
	"InternalFailure":           {batch.NoCapacity, "AWS has failed, and is tried again", soon, true},
	"InternalServerError":       {batch.NoCapacity, "AWS has failed, and is tried again", soon, true},
	"ServerException":           {batch.NoCapacity, "AWS has failed, and is tried again", soon, true},
	"ServiceUnavailable":        {batch.NoCapacity, "AWS has failed, and is tried again", soon, true},
	"Unavailable":               {batch.NoCapacity, "AWS has failed, and is tried again", soon, true},
	"OperationAborted":          {batch.NoCapacity, "another call changes the same thing", soon, true},
	"UpdateInProgressException": {batch.NoCapacity, "another call changes the same thing", soon, true},
}
