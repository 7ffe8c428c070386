package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// The tags of everything that is made. Nothing that lacks the first one is touched.
const (
	tagInstallation = "batchd:installation"
	tagEnvironment  = "batchd:environment" // the UUID
	tagName         = "batchd:name"        // of the environment, for people
	tagGroup        = "batchd:group"
	tagSpec         = "batchd:spec"
	tagImage        = "batchd:image"           // of a launch template: the image, if we chose it
	tagParameter    = "batchd:image-parameter" // of a launch template: the SSM parameter that named the image
)

// shortDigits is how much of a UUID names of things contain.
const shortDigits = 8

// specOf identifies what the hosts of an environment are launched as: a hash of everything whose update replaces instances (AWS Batch:
// "infrastructure updates"). What these stand for, such as the newest image, is found out once for each spec and then kept, because images of
// AWS Batch do not change on their own either.
func specOf(row *batch.Environment) (string, error) {
	r := *resourcesOf(row)
	spec := struct {
		Kind                                           batch.Kind
		Strategy                                       batch.Strategy
		InstanceTypes, Subnets, SecurityGroups         []string
		InstanceRole, ImageID, KeyPair, PlacementGroup string
		Images                                         []batch.Image
		LaunchTemplate                                 *batch.LaunchTemplate
		BidPercent                                     int32
		Tags                                           map[string]string
		Profile, Region                                string
	}{
		row.Kind, r.Strategy, r.InstanceTypes, r.Subnets, r.SecurityGroups, r.InstanceRole, r.ImageID, r.KeyPair, r.PlacementGroup,
		r.Images, r.LaunchTemplate, r.BidPercent, r.Tags, r.Profile, r.Region,
	}
	content, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("the specification of environment %q: %w", row.Name, err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8]), nil
}

// short is the part of an environment's UUID that names contain.
func short(uuid string) string {
	return strings.ReplaceAll(uuid, "-", "")[:min(shortDigits, len(strings.ReplaceAll(uuid, "-", "")))]
}

// clusterName is what the cluster of an environment is called.
func clusterName(row *batch.Environment) string { return "batchd-" + row.Name + "-" + short(row.UUID) }

// templatePrefix begins the names of an environment's launch templates.
func templatePrefix(row *batch.Environment) string { return "batchd-" + short(row.UUID) + "-" }

// tags are those of what belongs to an environment.
func (d *Driver) tags(row *batch.Environment, more ...string) map[string]string {
	tags := map[string]string{tagInstallation: d.options.Installation, tagEnvironment: row.UUID, tagName: row.Name}
	for i := 0; i+1 < len(more); i += 2 {
		tags[more[i]] = more[i+1]
	}
	return tags
}

// ec2Tags lists tags as EC2 takes them. Those of a user come after ours, and cannot replace them.
func ec2Tags(ours, users map[string]string) (list []ec2types.Tag) {
	for _, key := range slices.Sorted(maps.Keys(ours)) {
		list = append(list, ec2types.Tag{Key: aws.String(key), Value: aws.String(ours[key])})
	}
	for _, key := range slices.Sorted(maps.Keys(users)) {
		if _, taken := ours[key]; !taken {
			list = append(list, ec2types.Tag{Key: aws.String(key), Value: aws.String(users[key])})
		}
	}
	return list
}

// tagOf returns the value of a tag, empty if there is none.
func tagOf(tags []ec2types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// where is a filter of EC2.
func where(name string, values ...string) ec2types.Filter {
	return ec2types.Filter{Name: aws.String(name), Values: values}
}
