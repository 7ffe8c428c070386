package wrapper

import "strings"

// NoShell reports whether a container with the wrapper could not be started because its image has no shell; reason is that of the
// container runtime, which ECS passes on.
func NoShell(reason string) bool {
	return strings.Contains(reason, `"`+Shell+`"`) && strings.Contains(reason, "no such file or directory")
}

// NoShellReason is what people are told then.
const NoShellReason = "the image has no " + Shell + ", which a script or a result needs on Amazon ECS: " +
	"use an image with a shell, or a command without script and result"
