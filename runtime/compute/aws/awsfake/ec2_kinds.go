package awsfake

import "fmt"

// kind is an instance type.
type kind struct {
	name, family, size, arch string
	vcpu                     int
	memory                   int64   // MiB
	price                    float64 // dollars an hour, on demand in us-east-1
	gpus                     int
	gpu                      string
	metal                    bool
	burstable                bool
	quota                    string // the class of its vCPU quota
}

// typeFamily describes the types of one family, which differ in size only.
type typeFamily struct {
	name, arch string
	memory     float64 // GiB for each vCPU
	price      float64 // dollars an hour for each vCPU
	sizes      []string
}

var (
	sizes  = map[string]int{"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64, "24xlarge": 96, "32xlarge": 128}
	small  = []string{"large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"}
	medium = []string{"large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"}
	fifth  = []string{"large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"}
)

// families are those that are linear: facts of AWS's price list for us-east-1.
var families = []typeFamily{
	{"m5", "x86_64", 4, 0.048, small},
	{"c5", "x86_64", 2, 0.0425, fifth},
	{"m6i", "x86_64", 4, 0.048, append(small[:len(small):len(small)], "32xlarge")},
	{"c6i", "x86_64", 2, 0.0425, append(small[:len(small):len(small)], "32xlarge")},
	{"r6i", "x86_64", 8, 0.063, append(small[:len(small):len(small)], "32xlarge")},
	{"c7i", "x86_64", 2, 0.044625, small},
	{"m6g", "arm64", 4, 0.0385, medium},
	{"c6g", "arm64", 2, 0.034, medium},
	{"r6g", "arm64", 8, 0.0504, medium},
	{"c7g", "arm64", 2, 0.03625, medium},
}

// odd are the types that are not linear in their size, and those with GPUs.
var odd = []kind{
	{name: "t3.micro", family: "t3", vcpu: 2, memory: 1 << 10, price: 0.0104, burstable: true},
	{name: "t3.medium", family: "t3", vcpu: 2, memory: 4 << 10, price: 0.0416, burstable: true},
	{name: "t3.large", family: "t3", vcpu: 2, memory: 8 << 10, price: 0.0832, burstable: true},
	{name: "m6g.medium", family: "m6g", arch: "arm64", vcpu: 1, memory: 4 << 10, price: 0.0385},
	{name: "c5.9xlarge", family: "c5", vcpu: 36, memory: 72 << 10, price: 1.53},
	{name: "c5.18xlarge", family: "c5", vcpu: 72, memory: 144 << 10, price: 3.06},
	{name: "m6i.metal", family: "m6i", vcpu: 128, memory: 512 << 10, price: 6.144, metal: true},
	{name: "c6i.metal", family: "c6i", vcpu: 128, memory: 256 << 10, price: 5.44, metal: true},
	{name: "g5.xlarge", family: "g5", vcpu: 4, memory: 16 << 10, price: 1.006, gpus: 1, gpu: "A10G", quota: quotaG},
	{name: "g5.2xlarge", family: "g5", vcpu: 8, memory: 32 << 10, price: 1.212, gpus: 1, gpu: "A10G", quota: quotaG},
	{name: "g5.12xlarge", family: "g5", vcpu: 48, memory: 192 << 10, price: 5.672, gpus: 4, gpu: "A10G", quota: quotaG},
	{name: "g5.48xlarge", family: "g5", vcpu: 192, memory: 768 << 10, price: 16.288, gpus: 8, gpu: "A10G", quota: quotaG},
	{name: "p3.2xlarge", family: "p3", vcpu: 8, memory: 61 << 10, price: 3.06, gpus: 1, gpu: "V100", quota: quotaP},
	{name: "p3.8xlarge", family: "p3", vcpu: 32, memory: 244 << 10, price: 12.24, gpus: 4, gpu: "V100", quota: quotaP},
	{name: "p3.16xlarge", family: "p3", vcpu: 64, memory: 488 << 10, price: 24.48, gpus: 8, gpu: "V100", quota: quotaP},
}

// gpuMemory is the memory of a GPU in MiB.
var gpuMemory = map[string]int32{"A10G": 24576, "V100": 16384}

// kinds are all instance types of the region, by name.
var kinds = allKinds()

func allKinds() map[string]*kind {
	all := map[string]*kind{}
	add := func(k kind) {
		if k.arch == "" {
			k.arch = "x86_64"
		}
		if k.quota == "" {
			k.quota = quotaStandard
		}
		k.size = k.name[len(k.family)+1:]
		all[k.name] = &k
	}
	for _, f := range families {
		for _, size := range f.sizes {
			vcpu := sizes[size]
			add(kind{
				name: fmt.Sprintf("%s.%s", f.name, size), family: f.name, arch: f.arch, vcpu: vcpu,
				memory: int64(f.memory * float64(vcpu) * 1024), price: f.price * float64(vcpu),
			})
		}
	}
	for _, k := range odd {
		add(k)
	}
	return all
}

// offered reports whether a type exists in a zone: P3 is missing in the last one, as large GPUs are in most regions.
func (w *World) offered(k *kind, zone string) bool {
	zones := w.zones()
	return k.family != "p3" || zone != zones[len(zones)-1]
}
