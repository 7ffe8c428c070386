package wire

// The log driver whose options name a log group and a stream prefix, and those options (AWS Batch user guide, "Use the
// awslogs log driver").
const (
	DriverAwslogs   = "awslogs"
	OptionLogGroup  = "awslogs-group"
	OptionLogPrefix = "awslogs-stream-prefix"
)

// LogConfigurations returns the log configuration of every container that has one.
func (r *RegisterJobDefinitionRequest) LogConfigurations() []*LogConfiguration {
	var all []*LogConfiguration
	ofContainer := func(p *ContainerProperties) {
		if p != nil && p.LogConfiguration != nil {
			all = append(all, p.LogConfiguration)
		}
	}
	ofTasks := func(p *EcsProperties) {
		if p == nil {
			return
		}
		for _, task := range p.TaskProperties {
			for _, container := range task.Containers {
				if container.LogConfiguration != nil {
					all = append(all, container.LogConfiguration)
				}
			}
		}
	}
	ofContainer(r.ContainerProperties)
	ofTasks(r.EcsProperties)
	if r.NodeProperties != nil {
		for _, part := range r.NodeProperties.NodeRangeProperties {
			ofContainer(part.Container)
			ofTasks(part.EcsProperties)
		}
	}
	return all
}
