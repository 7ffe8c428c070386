package wire

// NodeProperties is a job of several machines.
type NodeProperties struct {
	NumNodes            *int32              `json:"numNodes,omitempty"` // required
	MainNode            *int32              `json:"mainNode,omitempty"` // required
	NodeRangeProperties []NodeRangeProperty `json:"nodeRangeProperties,omitzero"`
}

// NodeRangeProperty is what a range of nodes runs.
type NodeRangeProperty struct {
	TargetNodes                  string                        `json:"targetNodes"`
	Container                    *ContainerProperties          `json:"container,omitempty"`
	EcsProperties                *EcsProperties                `json:"ecsProperties,omitempty"`
	EksProperties                *EksProperties                `json:"eksProperties,omitempty"`
	InstanceTypes                []string                      `json:"instanceTypes,omitzero"`
	ConsumableResourceProperties *ConsumableResourceProperties `json:"consumableResourceProperties,omitempty"`
}

// NodeOverrides is what a submission changes of [NodeProperties].
type NodeOverrides struct {
	NumNodes              *int32                 `json:"numNodes,omitempty"`
	NodePropertyOverrides []NodePropertyOverride `json:"nodePropertyOverrides,omitzero"`
}

// NodePropertyOverride is what a submission changes of a range of nodes.
type NodePropertyOverride struct {
	TargetNodes                          string                        `json:"targetNodes"`
	ContainerOverrides                   *ContainerOverrides           `json:"containerOverrides,omitempty"`
	EcsPropertiesOverride                *EcsPropertiesOverride        `json:"ecsPropertiesOverride,omitempty"`
	EksPropertiesOverride                *EksPropertiesOverride        `json:"eksPropertiesOverride,omitempty"`
	InstanceTypes                        []string                      `json:"instanceTypes,omitzero"`
	ConsumableResourcePropertiesOverride *ConsumableResourceProperties `json:"consumableResourcePropertiesOverride,omitempty"`
}
