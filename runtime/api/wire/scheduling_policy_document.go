package wire

// The document of a scheduling policy is a [SchedulingPolicyDetail] in which only the members that clients give are set.

// ApplyTo makes d the document of the scheduling policy that r asks for. Tags are not part of it.
func (r *CreateSchedulingPolicyRequest) ApplyTo(d *SchedulingPolicyDetail) {
	*d = SchedulingPolicyDetail{Name: r.Name, FairsharePolicy: r.FairsharePolicy, QuotaSharePolicy: r.QuotaSharePolicy}
}

// ApplyTo changes the document d as r asks for. An update replaces the policy, so what it leaves out is removed.
func (r *UpdateSchedulingPolicyRequest) ApplyTo(d *SchedulingPolicyDetail) {
	d.FairsharePolicy, d.QuotaSharePolicy = r.FairsharePolicy, r.QuotaSharePolicy
}
