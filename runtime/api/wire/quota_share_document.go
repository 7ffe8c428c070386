package wire

// The document of a quota share is a [QuotaShareDetail] in which only the members that clients give are set; jobQueueArn is the queue as
// they name it.

// ApplyTo makes d the document of the quota share that r asks for. Tags are not part of it.
func (r *CreateQuotaShareRequest) ApplyTo(d *QuotaShareDetail) {
	*d = QuotaShareDetail{
		QuotaShareName: r.QuotaShareName, JobQueueArn: r.JobQueue, CapacityLimits: r.CapacityLimits, State: Or(r.State, Enabled),
		ResourceSharingConfiguration: r.ResourceSharingConfiguration, PreemptionConfiguration: r.PreemptionConfiguration,
	}
}

// ApplyTo changes the document d as r asks for. A member that is given replaces the one before as a whole.
func (r *UpdateQuotaShareRequest) ApplyTo(d *QuotaShareDetail) {
	d.State = Or(r.State, d.State)
	if r.CapacityLimits != nil {
		d.CapacityLimits = r.CapacityLimits
	}
	replace(&d.ResourceSharingConfiguration, r.ResourceSharingConfiguration)
	replace(&d.PreemptionConfiguration, r.PreemptionConfiguration)
}
