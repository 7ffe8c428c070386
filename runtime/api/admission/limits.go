package admission

import "time"

// Limits of what is admitted.
const (
	// maxRequests is how many requests are served at once, maxLasting how many that last (leases, events); one
	// access key may have half of either. More are asked to slow down.
	maxRequests = 1024
	maxLasting  = 1024
	// largeRequest is a body, in bytes, of which maxLargeRequests are served at once; more wait.
	largeRequest     = 4 << 20
	maxLargeRequests = 4
	// bodyPiece is how many bytes of a body must come within every bodyPatience, and largePiece how many after the first
	// [wire.MaxBody]; of an answer bodyPiece must be taken in that time, after the first answerPatience.
	bodyPiece      = 64 << 10
	largePiece     = 1 << 20
	bodyPatience   = 10 * time.Second
	answerPatience = 30 * time.Second
	// bodyRoom is how many bytes of bodies are held at once, beside the first bodyPiece of each, and senderRoom how
	// many of them are of one sender. The largest body fits.
	bodyRoom   = 256 << 20
	senderRoom = bodyRoom / 4
	// refusalPatience is how long the rest of a body may take whose request is refused already.
	refusalPatience = time.Second
	// denialBurst denials are in the audit log at once, and then one each denialEvery; the rest is counted. So it is for each
	// of the maxDenied access keys that were denied something last.
	denialBurst = 100
	denialEvery = 6 * time.Second
	maxDenied   = 1024
)
