package batch

// Reach is what an attempt can reach of the machine that it runs on, from least to most.
type Reach uint8

// The reaches. 0 stands for no bound where one is asked for.
const (
	// ReachContainer is a container and the network.
	ReachContainer Reach = iota + 1
	// ReachProcess is all that the user may do as whom processes run.
	ReachProcess
	// ReachHost is everything: a privileged container, or one with a path of the host in it.
	ReachHost
)

// Reach returns what an attempt that runs c can reach.
func (c *Container) Reach() Reach {
	if c.Image == "" {
		return ReachProcess
	}
	if c.Privileged {
		return ReachHost
	}
	for _, m := range c.Mounts {
		if m.Source != "" {
			return ReachHost
		}
	}
	return ReachContainer
}

// Reach returns the most that an attempt of s can reach.
func (s *Spec) Reach() Reach {
	if len(s.Nodes) == 0 {
		return s.Container.Reach()
	}
	var most Reach
	for i := range s.Nodes {
		most = max(most, s.Nodes[i].Container.Reach())
	}
	return most
}
