package taskdef

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// fargateSizes are the vCPUs, in thousandths, that a task of Fargate may have, and with each the memory in MiB, from least to most in
// steps (Amazon ECS developer guide, "Task CPU and memory").
var fargateSizes = []struct{ milliCPU, least, most, step int64 }{
	{250, 512, 1024, 512},
	{250, 2048, 2048, 1024},
	{500, 1024, 4096, 1024},
	{1000, 2048, 8192, 1024},
	{2000, 4096, 16384, 1024},
	{4000, 8192, 30720, 1024},
	{8000, 16384, 61440, 4096},
	{16000, 32768, 122880, 8192},
}

// FargateSize returns the smallest size of Fargate that holds what s asks for: the fewest vCPUs first. For example, 1 vCPU and 9 GiB
// become 2 vCPUs and 9 GiB. ok is false if none does.
func FargateSize(s batch.Shape) (size batch.Shape, ok bool) {
	for _, f := range fargateSizes {
		if s.MilliCPU > f.milliCPU || s.MemoryMiB > f.most || s.GPUs > 0 {
			continue
		}
		steps := (max(s.MemoryMiB-f.least, 0) + f.step - 1) / f.step
		return batch.Shape{MilliCPU: f.milliCPU, MemoryMiB: f.least + steps*f.step}, true
	}
	return batch.Shape{}, false
}
