package awsfake

import (
	"net/http"
	"strings"
)

// The errors of EC2 that more than one operation gives, and those of launching, which CreateFleet gives for each override that it could not use.
// The codes are documented in "Error codes for the Amazon EC2 API", the texts are those that were seen.

func missingParameter(name string) *Error {
	return refuse("MissingParameter", "The request must contain the parameter %s", name)
}

// mismatch is EC2's error for a token that was used with another request.
func mismatch[O any](*O) error {
	return refuse("IdempotentParameterMismatch", "The client token you have provided is associated with a resource that was created with different parameters")
}

// noSuchInstances is the error for ids that do not exist. EC2 has one text for one id, and another for more.
func noSuchInstances(ids []string) *Error {
	if len(ids) == 1 {
		return refuse("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", ids[0])
	}
	return refuse("InvalidInstanceID.NotFound", "The instance IDs '%s' do not exist", strings.Join(ids, ", "))
}

func noSuchTemplateID(id string) *Error {
	return refuse("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", id)
}

func noSuchTemplateName(name string) *Error {
	return refuse("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", name)
}

func noSuchSubnet(id string) *Error {
	return refuse("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
}

func noSuchSecurityGroup(id string) *Error {
	return refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
}

func noSuchVPC(id string) *Error {
	return refuse("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
}

func noSuchImage(id string) *Error {
	return refuse("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
}

func noSuchPlacementGroup(name string) *Error {
	return refuse("InvalidPlacementGroup.Unknown", "The Placement Group '%s' is unknown.", name)
}

func noSuchProfile(name string) *Error {
	return refuse("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", name)
}

func noSuchType(name string) *Error {
	return refuse("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
}

// notOffered is the error for a type that a zone does not have.
func notOffered(p Pool) *Error {
	return refuse("Unsupported", "Your requested instance type (%s) is not supported in your requested Availability Zone (%s). "+
		"Please retry your request by not specifying an Availability Zone or choosing another one.", p.Type, p.Zone)
}

// wrongProcessor is the error for an image that does not run on a type.
func wrongProcessor(ofType, ofImage string) *Error {
	return refuse("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI. "+
		"Specify an instance type and an AMI that have matching architectures, and try again.", ofType, ofImage)
}

// noRoom is the error of a pool that is out of instances.
func noRoom(p Pool) *Error {
	if p.Spot {
		return refuse("InsufficientInstanceCapacity", "There is no Spot capacity available that matches your request.")
	}
	return refuse("InsufficientInstanceCapacity", "We currently do not have sufficient %s capacity in the Availability Zone you requested (%s). "+
		"Our system will be working on provisioning additional capacity.", p.Type, p.Zone)
}

// belowMinimum is the error of a fleet that would have had fewer instances than its minimum, and has none.
func belowMinimum() *Error {
	return refuse("UnfulfillableCapacity", "Unable to fulfill capacity due to your request configuration. Please adjust your request and try again.")
}

// overQuota is the error for more vCPUs than the quota of a class allows.
func overQuota(class string, quota int) *Error {
	if strings.HasPrefix(class, quotaSpot) {
		return refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
	}
	return refuse("VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit of %d allows for the instance bucket that the specified "+
		"instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.", quota)
}

func noAddresses(subnet string) *Error {
	return refuse("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s' to satisfy the requested number of instances.", subnet)
}

func priceTooLow(offered, wanted float64) *Error {
	return refuse("SpotMaxPriceTooLow", "Your Spot request price of %g is lower than the minimum required Spot request fulfillment price of %.4f.", offered, wanted)
}

// noSpotRole is the error for the first Spot instance of an account, if its caller may not make the role that EC2 needs for them.
func noSpotRole() *Error {
	return &Error{
		Status: http.StatusForbidden, Code: "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
		Message: "The provided credentials do not have permission to create the service-linked role for EC2 Spot Instances.",
	}
}
