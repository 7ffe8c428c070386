package governor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// Governor holds the budgets of one account and region.
type Governor struct {
	share float64

	mu      sync.Mutex
	buckets map[string]*bucket
}

// New returns a governor that uses a share of each documented budget: more than 0, and 1 at most; 0 is [DefaultShare]. A bucket is full at
// first.
func New(share float64) *Governor {
	if share <= 0 {
		share = DefaultShare
	}
	return &Governor{share: min(share, 1), buckets: map[string]*bucket{}}
}

func (g *Governor) bucket(n named) *bucket {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.buckets[n.name]
	if b == nil {
		b = newBucket(Budget{Burst: max(1, n.Burst*g.share), PerSecond: n.PerSecond * g.share})
		g.buckets[n.name] = b
	}
	return b
}

// Wait waits until a call of an API may be made, for example of "ECS" "RunTask". It is for calls that no SDK client makes.
func (g *Governor) Wait(ctx context.Context, service, operation string) error {
	err := g.bucket(budgetOf(service, operation)).take(ctx, laneOf(ctx), 1)
	if instances, counted := instanceBudgets[service+"."+operation]; err == nil && counted {
		err = g.bucket(instances).take(ctx, laneOf(ctx), float64(countOf(ctx)))
	}
	if err != nil {
		return fmt.Errorf("waiting to call %s of %s: %w", operation, service, err)
	}
	return nil
}

// Refused says that AWS refused a call, which began at a time, because there were too many.
func (g *Governor) Refused(service, operation string, began time.Time) {
	g.bucket(budgetOf(service, operation)).refused(began)
}

// Attach makes the calls of clients that are made with config wait for g, and repeats those that fail in a way that passes.
// [Once] turns the repetition off for one call.
func (g *Governor) Attach(config *aws.Config) {
	config.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = maxAttempts, maxBackoff, ratelimit.None
		})
	}
	config.APIOptions = append(config.APIOptions[:len(config.APIOptions):len(config.APIOptions)], func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("CallGovernor", g.call), "Retry", middleware.After)
	})
}

// call makes one attempt of a call when its turn has come.
func (g *Governor) call(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	if err := g.Wait(ctx, service, operation); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	began := time.Now()
	out, metadata, err := next.HandleFinalize(ctx, in)
	if IsThrottle(err) {
		g.Refused(service, operation, began)
	}
	return out, metadata, err
}

// IsThrottle reports whether err says that too many calls were made.
func IsThrottle(err error) bool {
	return err != nil && retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool()
}

// Once is the retryer of a call that is not made again when it fails, because making it twice may do what it does twice.
//
//	client.StartTask(ctx, input, func(o *ecs.Options) { o.Retryer = governor.Once })
var Once aws.Retryer = aws.NopRetryer{}
