//go:build linux || darwin

package bundled

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// Arguments that make this test binary a stand-in for Terraform, and for the provider that it starts.
const (
	asParent = "be-terraform"
	asChild  = "be-the-provider"
)

// standIn is the stand-in that args ask for, if they do.
func standIn(args []string) (is bool, err error) {
	if len(args) != 2 {
		return false, nil
	}
	switch args[0] {
	case asParent:
		command := exec.Command(os.Args[0], asChild, args[1])
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		return true, command.Run()
	case asChild:
		signal.Ignore(os.Interrupt, syscall.SIGPIPE) // as providers do
		s, err := Open(context.Background(), Config{StateDir: args[1], IdleTimeout: 2 * time.Second, Version: testVersion})
		if err != nil {
			return true, err
		}
		fmt.Println("leased")
		if !AwaitOrphaned(context.Background()) || s.Ended() {
			return true, fmt.Errorf("orphaned, with the lease ended: %v", s.Ended())
		}
		return true, nil
	}
	return false, nil
}

// TestALeaseEndsWithItsTerraform ends a stand-in for Terraform in the ways in which it may go without a word to its provider.
func TestALeaseEndsWithItsTerraform(t *testing.T) {
	for _, end := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		t.Run(end.String(), func(t *testing.T) {
			c := config(t)
			parent := exec.Command(os.Args[0], asParent, c.StateDir)
			parent.Stderr = t.Output()
			output, err := parent.StdoutPipe()
			if err == nil {
				err = parent.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(output)
			if line, err := lines.ReadString('\n'); line != "leased\n" {
				t.Fatalf("the provider said %q, %v", line, err)
			}
			if err := parent.Process.Signal(end); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() {
				_, err := io.ReadAll(lines) // until the provider has ended, too
				ended <- err
			}()
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(long.Stretched(20 * time.Second)):
				t.Fatal("the provider has outlived its Terraform")
			}
			_ = parent.Wait() // it was killed
			err = poll(t.Context(), stopTimeout, func() (bool, error) {
				_, alive, err := rendezvous.Alive(c.StateDir)
				return !alive, err
			})
			if err != nil {
				t.Errorf("the runtime has not ended for want of work: %v", err)
			}
		})
	}
}
