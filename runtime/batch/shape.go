package batch

// Shape is a resource request, or a capacity. Integers only: two sums of the same
// parts are equal.
type Shape struct {
	MilliCPU  int64 // thousandths of a vCPU
	MemoryMiB int64 // 0 in a request: no memory declared, none reserved, no limit set
	GPUs      int64
}

// Plus returns s + t.
func (s Shape) Plus(t Shape) Shape {
	return Shape{s.MilliCPU + t.MilliCPU, s.MemoryMiB + t.MemoryMiB, s.GPUs + t.GPUs}
}

// Minus returns s - t; parts may become negative.
func (s Shape) Minus(t Shape) Shape {
	return Shape{s.MilliCPU - t.MilliCPU, s.MemoryMiB - t.MemoryMiB, s.GPUs - t.GPUs}
}

// Max returns the larger of s and t, part by part.
func (s Shape) Max(t Shape) Shape {
	return Shape{max(s.MilliCPU, t.MilliCPU), max(s.MemoryMiB, t.MemoryMiB), max(s.GPUs, t.GPUs)}
}

// Min returns the smaller of s and t, part by part.
func (s Shape) Min(t Shape) Shape {
	return Shape{min(s.MilliCPU, t.MilliCPU), min(s.MemoryMiB, t.MemoryMiB), min(s.GPUs, t.GPUs)}
}

// Times returns n times s.
func (s Shape) Times(n int64) Shape {
	return Shape{n * s.MilliCPU, n * s.MemoryMiB, n * s.GPUs}
}

// Fits reports whether every part of s is at most that of room.
func (s Shape) Fits(room Shape) bool {
	return s.MilliCPU <= room.MilliCPU && s.MemoryMiB <= room.MemoryMiB && s.GPUs <= room.GPUs
}
