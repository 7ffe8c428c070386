package wire

// EksProperties is a job that is a Kubernetes pod.
type EksProperties struct {
	PodProperties *EksPodProperties `json:"podProperties,omitempty"`
}

// EksPodProperties is the pod of [EksProperties].
type EksPodProperties struct {
	Containers            []EksContainer    `json:"containers,omitzero"`
	InitContainers        []EksContainer    `json:"initContainers,omitzero"`
	Volumes               []EksVolume       `json:"volumes,omitzero"`
	ServiceAccountName    *string           `json:"serviceAccountName,omitempty"`
	HostNetwork           *bool             `json:"hostNetwork,omitempty"`
	DNSPolicy             *string           `json:"dnsPolicy,omitempty"`
	ImagePullSecrets      []ImagePullSecret `json:"imagePullSecrets,omitzero"`
	ShareProcessNamespace *bool             `json:"shareProcessNamespace,omitempty"`
	Metadata              *EksMetadata      `json:"metadata,omitempty"`
}

// EksContainer is one container of a pod.
type EksContainer struct {
	Name            *string                      `json:"name,omitempty"`
	Image           string                       `json:"image"`
	ImagePullPolicy *string                      `json:"imagePullPolicy,omitempty"`
	Command         []string                     `json:"command,omitzero"`
	Args            []string                     `json:"args,omitzero"`
	Env             []EksEnvironmentVariable     `json:"env,omitzero"`
	Resources       *EksResourceRequirements     `json:"resources,omitempty"`
	SecurityContext *EksContainerSecurityContext `json:"securityContext,omitempty"`
	VolumeMounts    []EksVolumeMount             `json:"volumeMounts,omitzero"`
}

// EksEnvironmentVariable is one variable of a pod's container.
type EksEnvironmentVariable struct {
	Name  string  `json:"name"`
	Value *string `json:"value,omitempty"`
}

// EksResourceRequirements bounds a pod's container.
type EksResourceRequirements struct {
	Limits   map[string]string `json:"limits,omitzero"`
	Requests map[string]string `json:"requests,omitzero"`
}

// EksContainerSecurityContext is what a pod's container may do.
type EksContainerSecurityContext struct {
	RunAsUser                *int64 `json:"runAsUser,omitempty"`
	RunAsGroup               *int64 `json:"runAsGroup,omitempty"`
	RunAsNonRoot             *bool  `json:"runAsNonRoot,omitempty"`
	Privileged               *bool  `json:"privileged,omitempty"`
	AllowPrivilegeEscalation *bool  `json:"allowPrivilegeEscalation,omitempty"`
	ReadOnlyRootFilesystem   *bool  `json:"readOnlyRootFilesystem,omitempty"`
}

// EksVolumeMount is where a volume appears in a pod's container.
type EksVolumeMount struct {
	Name      *string `json:"name,omitempty"`
	MountPath *string `json:"mountPath,omitempty"`
	SubPath   *string `json:"subPath,omitempty"`
	ReadOnly  *bool   `json:"readOnly,omitempty"`
}

// EksVolume is a volume of a pod.
type EksVolume struct {
	Name                  string                    `json:"name"`
	EmptyDir              *EksEmptyDir              `json:"emptyDir,omitempty"`
	HostPath              *EksHostPath              `json:"hostPath,omitempty"`
	Secret                *EksSecret                `json:"secret,omitempty"`
	PersistentVolumeClaim *EksPersistentVolumeClaim `json:"persistentVolumeClaim,omitempty"`
}

// EksEmptyDir is a fresh directory.
type EksEmptyDir struct {
	Medium    *string `json:"medium,omitempty"`
	SizeLimit *string `json:"sizeLimit,omitempty"`
}

// EksHostPath is a path of the host.
type EksHostPath struct {
	Path *string `json:"path,omitempty"`
}

// EksSecret is a Kubernetes secret.
type EksSecret struct {
	SecretName string `json:"secretName"`
	Optional   *bool  `json:"optional,omitempty"`
}

// EksPersistentVolumeClaim is a Kubernetes volume claim.
type EksPersistentVolumeClaim struct {
	ClaimName string `json:"claimName"`
	ReadOnly  *bool  `json:"readOnly,omitempty"`
}

// ImagePullSecret names the secret that opens an image registry.
type ImagePullSecret struct {
	Name string `json:"name"`
}

// EksMetadata marks a pod.
type EksMetadata struct {
	Labels      map[string]string `json:"labels,omitzero"`
	Annotations map[string]string `json:"annotations,omitzero"`
	Namespace   *string           `json:"namespace,omitempty"`
}

// EksPropertiesOverride is what a submission changes of [EksProperties].
type EksPropertiesOverride struct {
	PodProperties *EksPodPropertiesOverride `json:"podProperties,omitempty"`
}

// EksPodPropertiesOverride is what a submission changes of a pod.
type EksPodPropertiesOverride struct {
	Containers     []EksContainerOverride `json:"containers,omitzero"`
	InitContainers []EksContainerOverride `json:"initContainers,omitzero"`
	Metadata       *EksMetadata           `json:"metadata,omitempty"`
}

// EksContainerOverride is what a submission changes of the container with that name.
type EksContainerOverride struct {
	Name      *string                  `json:"name,omitempty"`
	Image     *string                  `json:"image,omitempty"`
	Command   []string                 `json:"command,omitzero"`
	Args      []string                 `json:"args,omitzero"`
	Env       []EksEnvironmentVariable `json:"env,omitzero"`
	Resources *EksResourceRequirements `json:"resources,omitempty"`
}
