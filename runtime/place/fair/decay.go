package fair

import (
	"cmp"
	"math/bits"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Decay is how past use is forgotten: by half in every quarter of the window, so that what is older than the window
// weighs less than a sixteenth.
//
// Time has a grid of stepsPerWindow steps to a window, counted from the Unix epoch and not from the last look. Use is
// multiplied by 2^(-1/64) at every line of the grid, and grows by what is held between them, to the millisecond. So
// two looks cross the lines that one look over both crosses, and it does not matter how often use is looked at:
// each look rounds by less than a thousandth of a vCPU times a millisecond, and that error is forgotten as use is.
type Decay struct{ window int64 } // milliseconds, 1 or more

const (
	stepsPerHalf   = 64
	stepsPerWindow = 4 * stepsPerHalf
	// meanSteps is the mean life of use in steps, as the grid has it: 1/(2^(1/64) - 1), times 2^meanShift.
	meanSteps = 1_540_708_539
	meanShift = 24
	// MaxDecay is the longest window (AWS's).
	MaxDecay = 7 * 24 * time.Hour
)

// NewDecay returns the Decay over that window; 0 stands for [batch.DefaultShareDecay].
func NewDecay(window time.Duration) Decay {
	return Decay{window: max(cmp.Or(window, batch.DefaultShareDecay).Milliseconds(), 1)}
}

// locate returns the step that t is in, and how far in it, in 1/stepsPerWindow of a millisecond: in that
// unit a step is as long as the window is in milliseconds, a whole number.
func (d Decay) locate(t batch.Time) (step, into int64) {
	fine := int64(t) * stepsPerWindow
	return fine / d.window, fine % d.window
}

// level is what use comes to, as far into a step, if held stays as it is for ever: held times its mean life. It is
// in thousandths of a vCPU times milliseconds, and fits for up to 40 million vCPUs at the longest window.
func (d Decay) level(held, into int64) int64 {
	life := d.window * meanSteps >> meanShift
	hi, lo := bits.Mul64(uint64(held), uint64(life+into))
	return int64(hi<<56 | lo>>8) // divided by stepsPerWindow
}

// use returns what usage at from has become at to, with held all the time: the distance from the level decays.
func (d Decay) use(usage, held int64, from, to batch.Time) int64 {
	first, start := d.locate(from)
	last, end := d.locate(to)
	return max(d.level(held, end)+shrink(usage-d.level(held, start), last-first), 0)
}

// shrink returns x times 2^(-steps/64), off by less than one.
func shrink(x, steps int64) int64 {
	halves := steps / stepsPerHalf
	switch {
	case x < 0:
		return -shrink(-x, steps)
	case halves > 62:
		return 0
	}
	hi, lo := bits.Mul64(uint64(x), halving[steps%stepsPerHalf])
	lo, carry := bits.Add64(lo, 1<<62, 0)
	y := (hi+carry)<<1 | lo>>63
	return int64((y + 1<<halves>>1) >> halves)
}

// halving is 2^(-k/64) in units of 2^-63, rounded to the nearest.
var halving = [stepsPerHalf]uint64{
	0x8000000000000000, 0x7e9f06067a4360ba, 0x7d41d96db915019d, 0x7be86fb985689ddc,
	0x7a92be8a92436616, 0x7940bb9e2cffd89d, 0x77f25ccdee6d7ae6, 0x76a7980f6cca15c2,
	0x75606373ee921c97, 0x741cb5281e25ee34, 0x72dc8373be41a454, 0x719fc4b95f452d29,
	0x70666f76154a7089, 0x6f307a412f074892, 0x6dfddbcbed791bab, 0x6cce8ae13c57ebdb,
	0x6ba27e656b4eb57a, 0x6a79ad55e7f6fd10, 0x69540ec8f895722d, 0x683199ed779592ca,
	0x6712460a8fc24072, 0x65f60a7f79393e2e, 0x64dcdec3371793d1, 0x63c6ba6455dcd8ae,
	0x62b39508aa836d6f, 0x61a3666d124bb204, 0x6096266533384a2b, 0x5f8bccdb3d398841,
	0x5e8451cfac061b5f, 0x5d7fad59099f22fe, 0x5c7dd7a3b17dcf75, 0x5b7ec8f19468bbc9,
	0x5a827999fcef3242, 0x5988e20954889245, 0x5891fac0e95612c8, 0x579dbc56b48521ba,
	0x56ac1f752150a563, 0x55bd1cdad49f699c, 0x54d0ad5a753e077c, 0x53e6c9da74b29ab5,
	0x52ff6b54d8a89c75, 0x521a8ad704f3404f, 0x513821818624b40c, 0x50582887dcb8a7e1,
	0x4f7a993048d088d7, 0x4e9f6cd3967fdba8, 0x4dc69cdceaa72a9c, 0x4cf022c9905bfd32,
	0x4c1bf828c6dc54b8, 0x4b4a169b900c2d00, 0x4a7a77d47f7b84b1, 0x49ad159789f37496,
	0x48e1e9b9d588e19b, 0x4818ee218a3358ee, 0x47521cc5a2e6a9e0, 0x468d6fadbf2dd4f3,
	0x45cae0f1f545eb73, 0x450a6abaa4b77ecd, 0x444c0740496d4294, 0x438fb0cb4f468808,
	0x42d561b3e6243d8a, 0x421d1461d66f2023, 0x4166c34c5615d0ec, 0x40b268f9de0183ba,
}
