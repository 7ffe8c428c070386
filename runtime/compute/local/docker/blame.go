package docker

import (
	"strings"
	"syscall"

	"github.com/containerd/errdefs"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// errorKinds says whose fault the daemon's kinds of error are, in the order in which they are looked for. The daemon answers most of
// what goes wrong with the machine as an internal error, for which errorTexts decides.
var errorKinds = []struct {
	is    func(error) bool
	blame compute.Blame
}{
	{unreachable, compute.OfMachine},                 // it is down, is being started again, or hangs
	{errdefs.IsUnavailable, compute.OfMachine},       // it is shutting down
	{notNegotiated, compute.OfMachine},               // it came back between two requests
	{errdefs.IsInvalidArgument, compute.OfJob},       // a bad name, user, mount or command
	{errdefs.IsNotFound, compute.OfJob},              // no such image
	{errdefs.IsPermissionDenied, compute.OfJob},      // a registry that does not let us pull
	{errdefs.IsUnauthorized, compute.OfJob},          // a registry that asks who we are
	{errdefs.IsConflict, compute.OfJob},              // a container of somebody else has the name
	{errdefs.IsNotImplemented, compute.OfJob},        // the daemon cannot do what the job asks for
	{errdefs.IsResourceExhausted, compute.OfMachine}, // too many requests to a registry
}

// notNegotiated reports whether err says that a request was made in a version of the API that the daemon does not have. The client
// asks for the daemon's version first, and makes the request in its own newest version if the daemon does not answer.
func notNegotiated(err error) bool {
	return strings.Contains(err.Error(), "client version") && strings.Contains(err.Error(), "is too new")
}

// errorTexts says whose fault it is by what an error of the daemon contains, which passes on the words of the system, of the
// runtime of containers and of registries.
var errorTexts = []struct {
	text  string
	blame compute.Blame
}{
	{syscall.ENOSPC.Error(), compute.OfMachine},
	{syscall.EDQUOT.Error(), compute.OfMachine},
	{syscall.EMFILE.Error(), compute.OfMachine},
	{syscall.ENFILE.Error(), compute.OfMachine},
	{syscall.ENOMEM.Error(), compute.OfMachine},
	{syscall.EAGAIN.Error(), compute.OfMachine},
	{syscall.EIO.Error(), compute.OfMachine},
	{"containerd.sock", compute.OfMachine}, // containerd is down, and the daemon is not
	{"transport is closing", compute.OfMachine},
	{"ttrpc: closed", compute.OfMachine},
	{"server is shutting down", compute.OfMachine},
	{"toomanyrequests", compute.OfMachine},

	{"manifest unknown", compute.OfJob},
	{"not found", compute.OfJob},
	{"repository does not exist", compute.OfJob},
	{"access denied", compute.OfJob},
	{"invalid reference format", compute.OfJob},
	{"executable file not found", compute.OfJob},
	{"no such file or directory", compute.OfJob},
	{"permission denied", compute.OfJob},
	{"not a directory", compute.OfJob},
	{"connection refused", compute.OfJob}, // of a registry: of the daemon itself it is unreachable, above
}

// blameOf says whose fault it is that a container was not started.
func blameOf(err error) compute.Blame {
	for _, kind := range errorKinds {
		if kind.is(err) {
			return kind.blame
		}
	}
	words := strings.ToLower(err.Error())
	for _, known := range errorTexts {
		if strings.Contains(words, known.text) {
			return known.blame
		}
	}
	return compute.Unknown
}
