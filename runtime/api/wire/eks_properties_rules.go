package wire

// check applies the rules of a job that is a pod, as far as they do not depend on a cluster: no pod runs here. The
// names of its members begin with field.
func (p *EksProperties) check(c *check, field string) {
	pod := p.PodProperties
	if pod == nil {
		c.fail(field+".podProperties", "nothing", "an object: it is required")
		return
	}
	field += ".podProperties."
	c.count(field+"containers", len(pod.Containers), 1, maxContainers)
	c.count(field+"initContainers", len(pod.InitContainers), 0, maxContainers)
	c.oneOfIf(field+"dnsPolicy", pod.DNSPolicy, "Default", "ClusterFirst", "ClusterFirstWithHostNet")
	for i, each := range pod.Containers {
		each.check(c, at(field+"containers", i)+".")
	}
	for i, each := range pod.InitContainers {
		each.check(c, at(field+"initContainers", i)+".")
	}
	for i, v := range pod.Volumes {
		v.check(c, at(field+"volumes", i)+".")
	}
	for i, s := range pod.ImagePullSecrets {
		c.required(at(field+"imagePullSecrets", i)+".name", s.Name)
	}
}

func (v *EksVolume) check(c *check, field string) {
	c.required(field+"name", v.Name)
	if v.EmptyDir != nil {
		c.oneOfIf(field+"emptyDir.medium", v.EmptyDir.Medium, "", "Memory")
		c.lengthIf(field+"emptyDir.sizeLimit", v.EmptyDir.SizeLimit, 1, maxQuantity)
	}
	if v.Secret != nil {
		c.required(field+"secret.secretName", v.Secret.SecretName)
	}
	if v.PersistentVolumeClaim != nil {
		c.required(field+"persistentVolumeClaim.claimName", v.PersistentVolumeClaim.ClaimName)
	}
}

func (k *EksContainer) check(c *check, field string) {
	c.image(field+"image", k.Image)
	c.oneOfIf(field+"imagePullPolicy", k.ImagePullPolicy, "Always", "IfNotPresent", "Never")
	for i, v := range k.Env {
		c.required(at(field+"env", i)+".name", v.Name)
		c.unreserved(at(field+"env", i)+".name", v.Name)
	}
	if r := k.Resources; r != nil {
		c.quantities(field+"resources.limits", r.Limits)
		c.quantities(field+"resources.requests", r.Requests)
	}
}

func (c *check) quantities(field string, amounts map[string]string) {
	for _, name := range sorted(amounts) {
		c.length(field+"."+Brief(name), amounts[name], 1, maxQuantity)
	}
}
