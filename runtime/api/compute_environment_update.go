package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// updateComputeEnvironment checks an update against what is stored, and again if that has changed when it is applied.
func (s *server) updateComputeEnvironment(ctx context.Context, c call, q *wire.UpdateComputeEnvironmentRequest) (wire.ComputeEnvironmentResponse, error) {
	name := s.Place.NameOf(batch.ResourceEnvironment, q.ComputeEnvironment)
	for range maxUpdateTries {
		command, err := s.environmentUpdate(ctx, c, name, q)
		if err == nil {
			_, err = engine.Do(ctx, s.Engine, command)
		}
		if !errors.Is(err, sched.ErrStale) {
			return s.environmentAnswer(name), err
		}
	}
	return wire.ComputeEnvironmentResponse{}, batch.Errorf(batch.Unavailable, "compute environment %s keeps changing; try again", name)
}

// environmentUpdate returns the update of the compute environment with that name as a command, if what is stored allows it.
func (s *server) environmentUpdate(ctx context.Context, c call, name string, q *wire.UpdateComputeEnvironmentRequest) (sched.UpdateEnvironment, error) {
	command := sched.UpdateEnvironment{Caller: c.caller, Name: name}
	found, err := s.Store.Environments(ctx, store.NameQuery{Names: []string{name}})
	if err != nil {
		return command, err
	}
	if len(found) == 0 {
		return command, batch.Errorf(batch.NotFound, "compute environment %s does not exist", name)
	}
	current, err := s.environmentDetail(found[0])
	if err != nil {
		return command, err
	}
	if err := q.ValidateFor(&current); err != nil {
		return command, err
	}
	command.Basis = found[0].Body
	if q.State != nil {
		state := batch.State(*q.State)
		command.State = &state
	}
	if command.Patch, err = environmentPatch(q, &current); err != nil || q.ComputeResources == nil {
		return command, err
	}
	if err := json.Unmarshal(command.Patch, &current); err != nil { // what is absent stays, as in the stored document
		return command, fmt.Errorf("reading the updated compute environment: %w", err)
	}
	var e batch.Environment
	readResources(&e, current.ComputeResources)
	command.Kind, command.MilliCPU, command.MemoryMiB, command.MinMilliCPU = &e.Kind, &e.Max.MilliCPU, &e.Max.MemoryMiB, &e.MinMilliCPU
	return command, nil
}

// environmentPatch returns an update as a patch of the stored document. What is given replaces what was there; an
// empty imageId, ec2KeyPair, launch template or ec2Configuration removes it, and so do empty subnets and
// securityGroupIds, which Fargate leaves as they are.
func environmentPatch(q *wire.UpdateComputeEnvironmentRequest, current *wire.ComputeEnvironmentDetail) ([]byte, error) {
	whole, err := patchOf(q, "computeEnvironment")
	if err != nil || q.ComputeResources == nil {
		return whole, err
	}
	var patch, resources map[string]json.RawMessage
	if err := json.Unmarshal(whole, &patch); err != nil {
		return nil, fmt.Errorf("storing the update: %w", err)
	}
	if err := json.Unmarshal(patch["computeResources"], &resources); err != nil {
		return nil, fmt.Errorf("storing the update: %w", err)
	}
	now := current.ComputeResources
	fargate := now.Type == wire.TypeFargate || now.Type == wire.TypeFargateSpot
	for member, given := range resources {
		switch member {
		case "imageId", "ec2KeyPair", "placementGroup", "ec2Configuration":
			if isEmpty(given) {
				resources[member] = null
			}
		case "subnets", "securityGroupIds":
			if isEmpty(given) && fargate {
				delete(resources, member)
			} else if isEmpty(given) {
				resources[member] = null
			}
		case "updateToLatestImageVersion": // an order, not a setting
			delete(resources, member)
		}
	}
	if t := q.ComputeResources.LaunchTemplate; t != nil {
		resources["launchTemplate"] = launchTemplatePatch(t)
	}
	if tags := q.ComputeResources.Tags; tags != nil {
		resources["tags"] = replacing(tags, now.Tags)
	}
	if patch["computeResources"], err = json.Marshal(resources); err != nil {
		return nil, fmt.Errorf("storing the update: %w", err)
	}
	return json.Marshal(patch)
}

var null = json.RawMessage("null")

func isEmpty(given json.RawMessage) bool { return string(given) == `""` || string(given) == `[]` }

// launchTemplatePatch replaces a launch template whole, its overrides too; one without a name is none.
func launchTemplatePatch(t *wire.LaunchTemplateSpecification) json.RawMessage {
	if or(t.LaunchTemplateID, "") == "" && or(t.LaunchTemplateName, "") == "" {
		return null
	}
	patch := map[string]any{
		"launchTemplateId": t.LaunchTemplateID, "launchTemplateName": t.LaunchTemplateName, "version": t.Version, "userdataType": t.UserdataType,
	}
	if patch["overrides"] = nil; len(t.Overrides) > 0 {
		patch["overrides"] = t.Overrides
	}
	text, _ := json.Marshal(patch) // strings and lists of them always encode
	return text
}

// replacing is a patch that makes what was there what is given.
func replacing(given, was map[string]string) json.RawMessage {
	patch := make(map[string]*string, len(given)+len(was))
	for name := range was {
		patch[name] = nil
	}
	for name, value := range given {
		patch[name] = &value
	}
	text, _ := json.Marshal(patch) // strings always encode
	return text
}
