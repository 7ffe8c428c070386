package batch

import (
	"strconv"
	"strings"
)

// The resource types that appear in ARNs.
const (
	ResourceEnvironment = "compute-environment"
	ResourceQueue       = "job-queue"
	ResourceDefinition  = "job-definition"
	ResourceJob         = "job"
	ResourcePolicy      = "scheduling-policy"
	ResourceConsumable  = "consumable-resource"
	ResourceLogGroup    = "log-group" // of CloudWatch Logs, whose ARNs have another form
)

// Place is the partition of names a runtime answers for.
type Place struct {
	Region  string
	Account string // twelve digits
}

// ARN renders the ARN of the resource with that type and name in p.
func (p Place) ARN(resource, name string) string {
	return "arn:aws:batch:" + p.Region + ":" + p.Account + ":" + resource + "/" + name
}

// ParseARN splits an ARN of this service, in whatever place, into its resource type and name, for
// example ("job-definition", "price:3"). ok is false for anything else.
func ParseARN(arn string) (resource, name string, ok bool) {
	rest, ok := strings.CutPrefix(arn, "arn:")
	if !ok {
		return "", "", false
	}
	parts := strings.SplitN(rest, ":", 5) // partition, service, region, account, resource
	if len(parts) != 5 || parts[1] != "batch" {
		return "", "", false
	}
	resource, name, ok = strings.Cut(parts[4], "/")
	return resource, name, ok && resource != "" && name != ""
}

// NameOf returns the name of a resource of that type that is given by name or by its ARN in p. An ARN of another type or
// place is returned as it is: nothing here has that name, so that it is not found.
func (p Place) NameOf(resource, nameOrARN string) string {
	if name, ok := strings.CutPrefix(nameOrARN, p.ARN(resource, "")); ok && name != "" {
		return name
	}
	return nameOrARN
}

// DefinitionRef reads "name", "name:revision" or an ARN of either in p; see [Place.NameOf] for other ARNs.
func (p Place) DefinitionRef(text string) DefinitionRef {
	return ParseDefinitionRef(p.NameOf(ResourceDefinition, text))
}

// DefinitionRef names a revision of a job definition. Revision 0 is the newest ACTIVE one.
type DefinitionRef struct {
	Name     string
	Revision int32
}

// String returns "name:revision", or the name alone for revision 0.
func (r DefinitionRef) String() string {
	if r.Revision == 0 {
		return r.Name
	}
	return r.Name + ":" + strconv.Itoa(int(r.Revision))
}

// ParseDefinitionRef reads "name" or "name:revision". A revision is written in one way only, so that a revision has one
// name.
func ParseDefinitionRef(s string) DefinitionRef {
	at := strings.LastIndexByte(s, ':')
	if at < 0 {
		return DefinitionRef{Name: s}
	}
	n, err := strconv.ParseInt(s[at+1:], 10, 32)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s[at+1:] {
		return DefinitionRef{Name: s}
	}
	return DefinitionRef{Name: s[:at], Revision: int32(n)}
}
