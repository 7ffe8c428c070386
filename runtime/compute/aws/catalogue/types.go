package catalogue

import "strings"

// Architecture is the instruction set of a type, as EC2 calls it.
type Architecture string

// The architectures that run Linux tasks.
const (
	X86 Architecture = "x86_64"
	ARM Architecture = "arm64"
)

// Type is an instance type in one region.
type Type struct {
	Name         string // for example "c7i.2xlarge"
	Architecture Architecture
	VCPUs        int64
	MemoryMiB    int64            // as EC2 states it; an instance registers less
	GPUs         int64            `json:",omitempty"` // of NVIDIA
	GPUModel     string           `json:",omitempty"` // for example "T4"
	MicroUSD     int64            `json:",omitempty"` // of an hour on demand, in millionths of a US dollar; 0: not known
	Zones        []string         `json:",omitempty"` // that have it; none: not known, which counts as all
	Spot         map[string]int64 `json:",omitempty"` // of an hour on Spot, by zone, in millionths of a US dollar
}

// Family is the part of a type's name before the dot, for example "c7i".
func (t *Type) Family() string {
	family, _, _ := strings.Cut(t.Name, ".")
	return family
}

// Metal reports whether t is a whole machine. A family does not include these; they are used if they are named.
func (t *Type) Metal() bool {
	_, size, _ := strings.Cut(t.Name, ".")
	return strings.HasPrefix(size, "metal")
}
