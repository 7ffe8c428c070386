package computetest

import (
	"encoding/json"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Behaviour is what one attempt does when it runs. The zero Behaviour ends at once with code 0.
type Behaviour struct {
	Output string        // written when it starts
	Result string        // left at $BATCH_RESULT_FILE; must be JSON
	Code   int32         // exit code
	After  time.Duration // how long it runs
	Manual bool          // it runs until it is finished by hand; After and Code do not matter
	// Leaves starts a process that outlives the attempt's own, ignores SIGTERM, and writes this into the result file of the attempt
	// again and again for as long as it lives; it must be JSON. The attempt goes on when that process has begun.
	Leaves string
	// Refuse is the reason why it cannot be started; empty if it can.
	Refuse string
	// Elsewhere leaves the output in the streams of a service, see [logtest.Remote], instead of the segments of the host.
	Elsewhere bool
}

// fakeCommand marks a command that holds a Behaviour.
const fakeCommand = "computetest.Behaviour"

// Container returns a container that a [Fake] runs with behaviour b.
func Container(b Behaviour) batch.Container {
	text, err := json.Marshal(b)
	if err != nil {
		panic("computetest: a Behaviour does not marshal: " + err.Error())
	}
	return batch.Container{Command: []string{fakeCommand, string(text)}}
}

// behaviourOf reads what Container wrote; any other command gives the zero Behaviour.
func behaviourOf(s compute.Start) Behaviour {
	var b Behaviour
	if c := s.Container.Command; len(c) == 2 && c[0] == fakeCommand {
		if err := json.Unmarshal([]byte(c[1]), &b); err != nil {
			b.Refuse = "a Behaviour that does not parse: " + err.Error()
		}
	}
	return b
}
