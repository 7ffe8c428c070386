package api

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// tagPrefix begins the tags that are extensions.
const tagPrefix = "batchd:"

// tagForms are the scalar extensions of a request as tags, for clients that cannot send a batchd
// object. A tag sets what the object leaves out; it stays a tag.
type tagForms[Q any] struct {
	tags func(*Q) map[string]string
	set  map[string]func(request *Q, value string) error // by what follows tagPrefix
}

var environmentTags = tagForms[wire.CreateComputeEnvironmentRequest]{
	tags: func(q *wire.CreateComputeEnvironmentRequest) map[string]string { return q.Tags },
	set: map[string]func(*wire.CreateComputeEnvironmentRequest, string) error{
		"memory-mib": func(q *wire.CreateComputeEnvironmentRequest, value string) error {
			if q.ComputeResources == nil {
				return nil
			}
			return setInteger(&made(&q.ComputeResources.Batchd).MemoryMiB, value)
		},
		"never-over":    environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTruthIf(&x.NeverOver, value) }),
		"create-roles":  environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTruthIf(&x.CreateRoles, value) }),
		"profile":       environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTextIf(&x.Profile, value) }),
		"region":        environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTextIf(&x.Region, value) }),
		"ecs-cluster":   environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTextIf(&x.EcsCluster, value) }),
		"helper-image":  environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTextIf(&x.HelperImage, value) }),
		"default-image": environmentTag(func(x *wire.ComputeResourceExtension, value string) error { return setTextIf(&x.DefaultImage, value) }),
	},
}

// environmentTag is a tag that sets a member of the extension of an environment. UNMANAGED has nothing but that, so it is made.
func environmentTag(set func(x *wire.ComputeResourceExtension, value string) error) func(*wire.CreateComputeEnvironmentRequest, string) error {
	return func(q *wire.CreateComputeEnvironmentRequest, value string) error {
		if q.ComputeResources == nil && !strings.EqualFold(q.Type, wire.Unmanaged) {
			return nil
		}
		return set(made(&made(&q.ComputeResources).Batchd), value)
	}
}

var queueTags = tagForms[wire.CreateJobQueueRequest]{
	tags: func(q *wire.CreateJobQueueRequest) map[string]string { return q.Tags },
	set: map[string]func(*wire.CreateJobQueueRequest, string) error{
		"backfill": func(q *wire.CreateJobQueueRequest, value string) error {
			return setTruthIf(&made(&q.Batchd).Backfill, value)
		},
	},
}

var definitionTags = tagForms[wire.RegisterJobDefinitionRequest]{
	tags: func(q *wire.RegisterJobDefinitionRequest) map[string]string { return q.Tags },
	set: map[string]func(*wire.RegisterJobDefinitionRequest, string) error{
		"working-directory": func(q *wire.RegisterJobDefinitionRequest, value string) error {
			return setText(&made(&q.Batchd).WorkingDirectory, value)
		},
		"results": func(q *wire.RegisterJobDefinitionRequest, value string) error {
			return setTruth(&made(&q.Batchd).Results, value)
		},
	},
}

var jobTags = tagForms[wire.SubmitJobRequest]{
	tags: func(q *wire.SubmitJobRequest) map[string]string { return q.Tags },
	set: map[string]func(*wire.SubmitJobRequest, string) error{
		"reuse": func(q *wire.SubmitJobRequest, value string) error {
			return setTruth(&made(&q.Batchd).Reuse, value)
		},
		"client-token": func(q *wire.SubmitJobRequest, value string) error {
			return setText(&made(&q.Batchd).ClientToken, value)
		},
		"max-concurrency": func(q *wire.SubmitJobRequest, value string) error {
			return setInteger(&made(&q.Batchd).MaxConcurrency, value)
		},
		"on-result-error": func(q *wire.SubmitJobRequest, value string) error {
			return setText(&made(&q.Batchd).OnResultError, value)
		},
	},
}

// apply sets what the tags of a request say.
func (f tagForms[Q]) apply(request *Q) error {
	tags := f.tags(request)
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		extension, ok := strings.CutPrefix(name, tagPrefix)
		if !ok {
			continue
		}
		set, known := f.set[extension]
		if !known {
			return &wire.FieldError{
				Field: "tags." + wire.Brief(name), Given: "an extension that is not known here",
				Allowed: tagPrefix + strings.Join(slices.Sorted(maps.Keys(f.set)), ", "+tagPrefix),
			}
		}
		if err := set(request, tags[name]); err != nil {
			return &wire.FieldError{Field: "tags." + name, Given: strconv.Quote(wire.Brief(tags[name])), Allowed: err.Error()}
		}
	}
	return nil
}

// made returns what p points to, which it makes if there is nothing.
func made[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}

func setText(to *string, value string) error {
	if *to == "" {
		*to = value
	}
	return nil
}

func setTextIf(to **string, value string) error {
	if *to == nil {
		*to = &value
	}
	return nil
}

func setTruthIf(to **bool, value string) error {
	given := false
	if err := setTruth(&given, value); err != nil {
		return err
	}
	if *to == nil {
		*to = &given
	}
	return nil
}

func setTruth(to *bool, value string) error {
	given, err := strconv.ParseBool(value)
	if err != nil {
		return errors.New("true or false")
	}
	*to = *to || given
	return nil
}

func setInteger[T int32 | int64](to **T, value string) error {
	given, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return errors.New("a whole number")
	}
	if *to == nil {
		number := T(given)
		*to = &number
	}
	return nil
}
