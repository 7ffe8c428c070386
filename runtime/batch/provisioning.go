package batch

// Some kinds of environment need things that their driver makes in an account, for example a cluster: they are provisioned. Such an
// environment is CREATING until it was provisioned once. An update raises its Revision, and it is UPDATING until it was provisioned as
// of that. It is INVALID while that fails, and DELETING until nothing is left of it.

// Provisioning is how far the driver of an environment has come in making what it needs. The zero Provisioning: no driver has said
// anything yet.
type Provisioning struct {
	// Revision is that of the environment as it was provisioned last, and At when that was; both 0: never.
	Revision int64
	At       Time
	// RetryAt is when it is tried again, after it has failed; 0: it has not.
	RetryAt Time `json:",omitempty"`
}

// Of reports whether an environment of that revision is provisioned.
func (p Provisioning) Of(revision int64) bool { return p.At != 0 && p.Revision == revision }

// EnvironmentReady says that an environment is provisioned, or that its offers have changed since. A report about another
// environment, by its UUID, or about an older revision changes nothing.
type EnvironmentReady struct {
	Name, UUID string
	Revision   int64
	// Spec identifies what its hosts are launched as, for example by a hash: hosts of an earlier one are replaced.
	Spec string
	// Offers are the hosts that it can have launched, in the order in which it names their types. They are none for kinds whose hosts are not launched by order.
	Offers []Offer
	// Cluster is the ARN of the cluster that its attempts run in; empty if there is none.
	Cluster string
}

// EnvironmentFailed says that an environment cannot be provisioned, and why. It is tried again.
type EnvironmentFailed struct {
	Name, UUID string
	Revision   int64
	Reason     string // for people; it becomes the statusReason of the environment
	Until      Time   // before which trying again is of no use; 0: not known
}

// EnvironmentRetired says that nothing is left of what was made for an environment, hosts included.
type EnvironmentRetired struct{ Name, UUID string }

func (EnvironmentReady) report()   {}
func (EnvironmentFailed) report()  {}
func (EnvironmentRetired) report() {}
