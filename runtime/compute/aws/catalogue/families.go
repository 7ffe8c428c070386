package catalogue

import (
	"strconv"
	"strings"
)

// family is a row of the table: its types have the same memory and price for each vCPU.
type family struct {
	name         string
	architecture Architecture
	gib          float64 // memory of each vCPU
	microUSD     int64   // of an hour of one vCPU on demand in us-east-1, in millionths of a US dollar
	sizes        string
}

// The sizes that families have. A size without a number in front has 1, 2 or 4 vCPUs, and nxlarge has 4n.
const (
	to16   = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
	to24   = to16 + " 24xlarge"
	to32   = to24 + " 32xlarge"
	to48   = to32 + " 48xlarge"
	intel7 = to24 + " 48xlarge" // without 32xlarge
	arm16  = "medium " + to16
	arm48  = "medium " + intel7
)

// families are facts from AWS's pages of instance types and prices, as of 2026. They are used where the account cannot be asked.
var families = []family{
	{"m4", X86, 4, 50_000, "large xlarge 2xlarge 4xlarge 10xlarge 16xlarge"},
	{"m5", X86, 4, 48_000, to24},
	{"m5a", X86, 4, 43_000, to24},
	{"m5d", X86, 4, 56_500, to24},
	{"m5n", X86, 4, 59_500, to24},
	{"m6a", X86, 4, 43_200, to48},
	{"m6g", ARM, 4, 38_500, arm16},
	{"m6i", X86, 4, 48_000, to32},
	{"m6id", X86, 4, 59_325, to32},
	{"m7a", X86, 4, 57_960, "medium " + to48},
	{"m7g", ARM, 4, 40_800, arm16},
	{"m7i", X86, 4, 50_400, intel7},
	{"m7i-flex", X86, 4, 47_880, to16},
	{"m8g", ARM, 4, 44_880, arm48},
	{"c5", X86, 2, 42_500, "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge"},
	{"c5a", X86, 2, 38_500, to24},
	{"c5d", X86, 2, 48_000, "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge"},
	{"c5n", X86, 2.625, 54_000, "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"},
	{"c6a", X86, 2, 38_250, to48},
	{"c6g", ARM, 2, 34_000, arm16},
	{"c6gn", ARM, 2, 43_200, arm16},
	{"c6i", X86, 2, 42_500, to32},
	{"c6id", X86, 2, 50_400, to32},
	{"c6in", X86, 2, 56_700, to32},
	{"c7a", X86, 2, 51_320, "medium " + to48},
	{"c7g", ARM, 2, 36_250, arm16},
	{"c7gn", ARM, 2, 62_400, arm16},
	{"c7i", X86, 2, 44_625, intel7},
	{"c7i-flex", X86, 2, 42_394, to16},
	{"c8g", ARM, 2, 39_880, arm48},
	{"r4", X86, 7.625, 66_500, "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge"},
	{"r5", X86, 8, 63_000, to24},
	{"r5a", X86, 8, 56_500, to24},
	{"r5d", X86, 8, 72_000, to24},
	{"r5n", X86, 8, 74_500, to24},
	{"r6a", X86, 8, 56_700, to48},
	{"r6g", ARM, 8, 50_400, arm16},
	{"r6i", X86, 8, 63_000, to32},
	{"r6id", X86, 8, 75_600, to32},
	{"r7a", X86, 8, 76_080, "medium " + to48},
	{"r7g", ARM, 8, 53_550, arm16},
	{"r7i", X86, 8, 66_150, intel7},
	{"r8g", ARM, 8, 58_910, arm48},
	{"i3", X86, 7.625, 78_000, "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge"},
	{"i3en", X86, 8, 113_000, "large xlarge 2xlarge 3xlarge 6xlarge 12xlarge 24xlarge"},
	{"i4i", X86, 8, 85_800, to32},
	{"x2gd", ARM, 16, 83_500, arm16},
}

// odd are types whose families are not linear, and those with GPUs: name, architecture, vCPUs, GiB, GPUs, model, price in us-east-1.
var odd = []Type{
	row("c4.large", X86, 2, 3.75, 0, "", 100_000),
	row("c4.xlarge", X86, 4, 7.5, 0, "", 199_000),
	row("c4.2xlarge", X86, 8, 15, 0, "", 398_000),
	row("c4.4xlarge", X86, 16, 30, 0, "", 796_000),
	row("c4.8xlarge", X86, 36, 60, 0, "", 1_591_000),
	row("t3.small", X86, 2, 2, 0, "", 20_800),
	row("t3.medium", X86, 2, 4, 0, "", 41_600),
	row("t3.large", X86, 2, 8, 0, "", 83_200),
	row("t3.xlarge", X86, 4, 16, 0, "", 166_400),
	row("t3.2xlarge", X86, 8, 32, 0, "", 332_800),
	row("t3a.small", X86, 2, 2, 0, "", 18_800),
	row("t3a.medium", X86, 2, 4, 0, "", 37_600),
	row("t3a.large", X86, 2, 8, 0, "", 75_200),
	row("t3a.xlarge", X86, 4, 16, 0, "", 150_400),
	row("t3a.2xlarge", X86, 8, 32, 0, "", 300_800),
	row("t4g.small", ARM, 2, 2, 0, "", 16_800),
	row("t4g.medium", ARM, 2, 4, 0, "", 33_600),
	row("t4g.large", ARM, 2, 8, 0, "", 67_200),
	row("t4g.xlarge", ARM, 4, 16, 0, "", 134_400),
	row("t4g.2xlarge", ARM, 8, 32, 0, "", 268_800),
	row("g4dn.xlarge", X86, 4, 16, 1, "T4", 526_000),
	row("g4dn.2xlarge", X86, 8, 32, 1, "T4", 752_000),
	row("g4dn.4xlarge", X86, 16, 64, 1, "T4", 1_204_000),
	row("g4dn.8xlarge", X86, 32, 128, 1, "T4", 2_176_000),
	row("g4dn.12xlarge", X86, 48, 192, 4, "T4", 3_912_000),
	row("g4dn.16xlarge", X86, 64, 256, 1, "T4", 4_352_000),
	row("g5.xlarge", X86, 4, 16, 1, "A10G", 1_006_000),
	row("g5.2xlarge", X86, 8, 32, 1, "A10G", 1_212_000),
	row("g5.4xlarge", X86, 16, 64, 1, "A10G", 1_624_000),
	row("g5.8xlarge", X86, 32, 128, 1, "A10G", 2_448_000),
	row("g5.12xlarge", X86, 48, 192, 4, "A10G", 5_672_000),
	row("g5.16xlarge", X86, 64, 256, 1, "A10G", 4_096_000),
	row("g5.24xlarge", X86, 96, 384, 4, "A10G", 8_144_000),
	row("g5.48xlarge", X86, 192, 768, 8, "A10G", 16_288_000),
	row("g5g.xlarge", ARM, 4, 8, 1, "T4g", 420_000),
	row("g5g.2xlarge", ARM, 8, 16, 1, "T4g", 556_000),
	row("g5g.4xlarge", ARM, 16, 32, 1, "T4g", 828_000),
	row("g5g.8xlarge", ARM, 32, 64, 1, "T4g", 1_372_000),
	row("g5g.16xlarge", ARM, 64, 128, 2, "T4g", 2_744_000),
	row("g6.xlarge", X86, 4, 16, 1, "L4", 804_800),
	row("g6.2xlarge", X86, 8, 32, 1, "L4", 977_600),
	row("g6.4xlarge", X86, 16, 64, 1, "L4", 1_323_200),
	row("g6.8xlarge", X86, 32, 128, 1, "L4", 2_014_400),
	row("g6.12xlarge", X86, 48, 192, 4, "L4", 4_601_600),
	row("g6.16xlarge", X86, 64, 256, 1, "L4", 3_396_800),
	row("g6.24xlarge", X86, 96, 384, 4, "L4", 6_675_200),
	row("g6.48xlarge", X86, 192, 768, 8, "L4", 13_350_400),
	row("g6e.xlarge", X86, 4, 32, 1, "L40S", 1_861_000),
	row("g6e.2xlarge", X86, 8, 64, 1, "L40S", 2_242_080),
	row("g6e.4xlarge", X86, 16, 128, 1, "L40S", 3_004_240),
	row("g6e.8xlarge", X86, 32, 256, 1, "L40S", 4_528_560),
	row("g6e.12xlarge", X86, 48, 384, 4, "L40S", 10_492_640),
	row("g6e.16xlarge", X86, 64, 512, 1, "L40S", 7_577_190),
	row("g6e.24xlarge", X86, 96, 768, 4, "L40S", 15_065_590),
	row("g6e.48xlarge", X86, 192, 1536, 8, "L40S", 30_131_180),
	row("p3.2xlarge", X86, 8, 61, 1, "V100", 3_060_000),
	row("p3.8xlarge", X86, 32, 244, 4, "V100", 12_240_000),
	row("p3.16xlarge", X86, 64, 488, 8, "V100", 24_480_000),
	row("p4d.24xlarge", X86, 96, 1152, 8, "A100", 21_957_642),
	row("p5.48xlarge", X86, 192, 2048, 8, "H100", 55_040_000),
}

func row(name string, a Architecture, vcpus int64, gib float64, gpus int64, model string, microUSD int64) Type {
	return Type{Name: name, Architecture: a, VCPUs: vcpus, MemoryMiB: int64(gib * 1024), GPUs: gpus, GPUModel: model, MicroUSD: microUSD}
}

// Fallback lists the types of the table of families, without zones, at the prices of us-east-1.
func Fallback() []Type {
	var types []Type
	for _, f := range families {
		for size := range strings.FieldsSeq(f.sizes) {
			n := vcpusOf(size)
			types = append(types, row(f.name+"."+size, f.architecture, n, f.gib*float64(n), 0, "", f.microUSD*n))
		}
	}
	return append(types, odd...)
}

// vcpusOf returns how many vCPUs the size of a linear family has.
func vcpusOf(size string) int64 {
	switch size {
	case "medium":
		return 1
	case "large":
		return 2
	case "xlarge":
		return 4
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(size, "xlarge"), 10, 64)
	if err != nil {
		panic("size " + size + " of the table of families is not a size")
	}
	return 4 * n
}
