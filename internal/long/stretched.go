package long

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

// Stretched returns the limit of wall time that a busy machine can keep: the limit multiplied by how many processes want each
// processor. For example, one second is three seconds where six processes want two processors. Ask for it after what was
// timed, so that the load meanwhile counts. Where the system does not tell its load, it is the limit itself.
func Stretched(limit time.Duration) time.Duration {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return limit
	}
	return stretched(limit, string(text), runtime.NumCPU())
}

// stretched is [Stretched] for a text of /proc/loadavg, which begins with the mean of the last minute, and says as its
// fourth word how many processes want a processor at the moment.
func stretched(limit time.Duration, loadavg string, processors int) time.Duration {
	var minute, five, quarter, runnable float64
	if _, err := fmt.Sscanf(loadavg, "%g %g %g %g/", &minute, &five, &quarter, &runnable); err != nil {
		return limit
	}
	return time.Duration(float64(limit) * max(1, minute/float64(processors), runnable/float64(processors)))
}
