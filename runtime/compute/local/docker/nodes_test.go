package docker

import (
	"io"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// freePort returns a port of the loopback that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// nodeOrder starts node n of a multi-node job whose main node listens at port.
func nodeOrder(n int32, port, command string) compute.Start {
	s := order("node", command)
	s.Attempt.Job = s.Attempt.Job.Node(n)
	s.BaseKey = ""
	s.Environment = []string{
		"AWS_BATCH_JOB_NODE_INDEX=" + strconv.Itoa(int(n)), "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS=127.0.0.1", "PORT=" + port,
	}
	return s
}

func TestNodesReachTheMainNode(t *testing.T) {
	b := newBench(t)
	port := freePort(t)
	main := nodeOrder(0, port, `mkfifo /open && exec 3<>/open; for i in 1 2 3 4; do nc -l -p $PORT <&3; done`) // an input that ends would end nc, too
	b.start(main)
	b.awaitStart(main.Attempt)
	// One after the other: the main node listens anew for each.
	const greet = `until echo "node $AWS_BATCH_JOB_NODE_INDEX" | nc -w 5 $AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS $PORT; do sleep 0.05; done`
	for n := range int32(3) {
		b.expect(b.run(nodeOrder(n+1, port, greet)), batch.Exited, "0", "")
	}
	process(t, "127.0.0.1:"+port) // a node that is a process of this machine
	x := b.awaitExit(main.Attempt)
	b.expect(x, batch.Exited, "0", "")
	if got, want := b.lines(x), []string{"node 1", "node 2", "node 3", "process"}; !slices.Equal(got, want) {
		t.Errorf("the main node heard %q, want %q", got, want)
	}
}

// process greets as a node does.
func process(t *testing.T, address string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_, err = io.WriteString(c, "process\n")
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if err == nil {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the main node is not reached: %v", err)
		}
		<-time.After(20 * time.Millisecond)
	}
}
