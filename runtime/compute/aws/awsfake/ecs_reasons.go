package awsfake

// The reasons of ECS for tasks that stop by themselves.
const (
	essentialExited = "Essential container in task exited"
	failedToStart   = "Task failed to start"
	// dependencyFailed is the reason of a container that never starts because another did not do what it waits for.
	dependencyFailed = "DependentContainerNotResolvedError: a container that it depends on did not reach the required state"
)

// whyNotStarted is the reason of a task whose container p did not start: Fargate repeats that of the container.
func (t *task) whyNotStarted(p *taskContainer) string {
	if t.on == nil && p.ending.Reason != "" {
		return p.ending.Reason
	}
	return failedToStart
}

// logFailure is the reason of a container whose log stream cannot be made.
func (t *task) logFailure(err error) string {
	if t.on == nil {
		return "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: " + err.Error()
	}
	return "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: " + err.Error()
}

// secretFailure is the reason of a container whose secrets cannot be read.
func (t *task) secretFailure(err error) string {
	if t.on == nil {
		return "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: " + err.Error()
	}
	return "Fetching secret data from SSM Parameter Store in " + t.e.w.options.Region + ": " + err.Error()
}
