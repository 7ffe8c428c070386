package submit

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// maxPriority is the largest scheduling priority (AWS's).
const maxPriority = 9999

// ArraySize is the size of the array, at most limit; 0 of any other job.
func (r *Request) ArraySize(limit int32) (int32, error) {
	if n := len(r.Points); n > 0 {
		if n > int(limit) {
			return 0, batch.Errorf(batch.InvalidRequest, "batchd.points has %d points; 1 to %d are allowed by this runtime: 'batchd serve --max-array-size' sets the maximum", n, limit)
		}
		if r.Size != 0 && int(r.Size) != n {
			return 0, batch.Errorf(batch.InvalidRequest, "arrayProperties.size is %d but batchd.points has %d points; leave the size out", r.Size, n)
		}
		return int32(n), nil
	}
	if r.Size != 0 && (r.Size < batch.MinArraySize || r.Size > limit) {
		return 0, batch.Errorf(batch.InvalidRequest, "arrayProperties.size is %d; %d to %d are allowed by this runtime: 'batchd serve --max-array-size' sets the maximum", r.Size, batch.MinArraySize, limit)
	}
	return r.Size, nil
}

// CheckNumbers refuses a bound on children of what is not an array of that size, and a priority out of range.
func (r *Request) CheckNumbers(def *batch.Definition, size int32) error {
	if r.MaxConcurrency != 0 && (size == 0 || r.MaxConcurrency < 0) {
		return batch.Errorf(batch.InvalidRequest, "batchd.maxConcurrency is %d; 1 or more is allowed, for array jobs", r.MaxConcurrency)
	}
	if p := r.priority(def); p < 0 || p > maxPriority {
		return batch.Errorf(batch.InvalidRequest, "schedulingPriorityOverride is %d; 0 to %d are allowed", p, maxPriority)
	}
	return nil
}

// CheckReach refuses to run a specification whose attempts could reach more of the machine than most; 0 is no bound.
func CheckReach(most batch.Reach, s *batch.Spec) error {
	switch reach := s.Reach(); {
	case most == 0 || reach <= most:
		return nil
	case reach == batch.ReachProcess:
		return batch.Errorf(batch.Denied, "the job runs as a process, and processes run as the user of the runtime, who can read the administrator's key: "+
			"give the job definition an image, or have the runtime served with --run-as USER, so that processes run as that user, or with --trust-jobs, if everybody who submits is trusted")
	default:
		return batch.Errorf(batch.Denied, "the job's container is privileged or mounts a path of the host, and could read the administrator's key there: "+
			"have an administrator submit it, or have the runtime served with --trust-jobs, if everybody who submits is trusted")
	}
}

// checkKind refuses what does not go with the kind of job that def makes.
func (r *Request) checkKind(def *batch.Definition) error {
	overridesNodes := r.Nodes.Count != nil || len(r.Nodes.Ranges) > 0
	switch {
	case def.Nodes == nil && overridesNodes:
		return batch.Errorf(batch.InvalidRequest, "nodeOverrides: job definition %s is not of type multinode; use containerOverrides", def.Ref())
	case def.Nodes == nil:
		return nil
	case r.Size != 0 || len(r.Points) > 0:
		return batch.Errorf(batch.InvalidRequest, "arrayProperties: job definition %s is of type multinode, and a multi-node job cannot be an array", def.Ref())
	case !r.Overrides.empty():
		return batch.Errorf(batch.InvalidRequest, "containerOverrides: job definition %s is of type multinode; use nodeOverrides", def.Ref())
	case r.Script != "":
		return batch.Errorf(batch.InvalidRequest, "batchd.script: job definition %s is of type multinode, and its nodes run no script", def.Ref())
	case r.Consumables != nil:
		return batch.Errorf(batch.InvalidRequest, "consumableResourcePropertiesOverride: job definition %s is of type multinode; use nodeOverrides", def.Ref())
	default:
		return nil
	}
}
