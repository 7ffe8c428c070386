package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	goruntime "runtime"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// defaultName names the environment, queue and definition that submit makes where nothing is set up.
const defaultName = "default"

// ensureDefaults makes the default queue and definition if the submission uses them and they are not there.
func (r *root) ensureDefaults(ctx context.Context, runtime *client.Client, s *submission) error {
	if s.queue == defaultName {
		if err := r.ensureQueue(ctx, runtime); err != nil {
			return err
		}
	}
	if s.definition == defaultName {
		return r.ensureDefinition(ctx, runtime)
	}
	return nil
}

// requireDefaults says what to do if the submission uses a default that is not there.
func requireDefaults(ctx context.Context, runtime *client.Client, s *submission) error {
	if s.queue == defaultName {
		if there, err := hasQueue(ctx, runtime); err != nil {
			return err
		} else if !there {
			return fmt.Errorf("job queue %q does not exist yet: 'batchd submit' creates it; or name another with --queue", defaultName)
		}
	}
	if s.definition == defaultName {
		if there, err := hasDefinition(ctx, runtime); err != nil {
			return err
		} else if !there {
			return fmt.Errorf("job definition %q does not exist yet: 'batchd submit' registers it; or name another with --definition", defaultName)
		}
	}
	return nil
}

func hasQueue(ctx context.Context, runtime *client.Client) (bool, error) {
	found, err := runtime.DescribeJobQueues(ctx, &wire.DescribeJobQueuesRequest{JobQueues: []string{defaultName}})
	return err == nil && len(found.JobQueues) > 0, err
}

func hasDefinition(ctx context.Context, runtime *client.Client) (bool, error) {
	found, err := runtime.DescribeJobDefinitions(ctx, &wire.DescribeJobDefinitionsRequest{JobDefinitionName: defaultName, Status: wire.Active})
	return err == nil && len(found.JobDefinitions) > 0, err
}

func (r *root) ensureQueue(ctx context.Context, runtime *client.Client) error {
	if there, err := hasQueue(ctx, runtime); err != nil || there {
		return err
	}
	cores, priority, order := int32(goruntime.NumCPU()), int32(1), int32(1)
	_, err := runtime.CreateComputeEnvironment(ctx, &wire.CreateComputeEnvironmentRequest{
		ComputeEnvironmentName: defaultName, Type: wire.Managed,
		ComputeResources: &wire.ComputeResource{Type: wire.TypeLocal, MaxvCpus: &cores},
	})
	if err != nil && !exists(err) {
		return err
	}
	_, err = runtime.CreateJobQueue(ctx, &wire.CreateJobQueueRequest{
		JobQueueName: defaultName, Priority: &priority,
		ComputeEnvironmentOrder: []wire.ComputeEnvironmentOrder{{Order: &order, ComputeEnvironment: defaultName}},
	})
	if err != nil && !exists(err) {
		return err
	}
	_, err = fmt.Fprintf(r.stderr, "batchd: made compute environment and job queue %q: this machine, %d vCPUs\n", defaultName, cores)
	return err
}

func (r *root) ensureDefinition(ctx context.Context, runtime *client.Client) error {
	if there, err := hasDefinition(ctx, runtime); err != nil || there {
		return err
	}
	_, err := runtime.RegisterJobDefinition(ctx, &wire.RegisterJobDefinitionRequest{
		JobDefinitionName: defaultName, Type: wire.TypeContainer,
		ContainerProperties: &wire.ContainerProperties{
			Command:              []string{"true"},
			ResourceRequirements: []wire.ResourceRequirement{{Type: wire.ResourceVCPU, Value: "1"}},
		},
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.stderr, "batchd: registered job definition %q: a process of 1 vCPU\n", defaultName)
	return err
}

// exists reports whether err says that what was to be made is there: somebody else was faster.
func exists(err error) bool {
	var answer *wire.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusConflict
}
