package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// plugin speaks to the provider as terraform does, about batch_job.
type plugin struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	object tftypes.Object
}

// newPlugin starts a provider that speaks to a runtime of this process.
func newPlugin(t *testing.T, r *testRuntime) *plugin {
	t.Helper()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	return configuredPlugin(t, map[string]tftypes.Value{
		"endpoint": text(r.client.Endpoint()), "access_key": text(r.accessKey), "secret_key": text(r.secretKey),
	})
}

// configuredPlugin starts a provider whose block has these attributes.
func configuredPlugin(t *testing.T, given map[string]tftypes.Value) *plugin {
	t.Helper()
	server, err := factories["batch"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	provider, ok := schemas.Provider.ValueType().(tftypes.Object)
	job, okToo := schemas.ResourceSchemas["batch_job"].ValueType().(tftypes.Object)
	if !ok || !okToo {
		t.Fatal("a schema is not an object")
	}
	p := &plugin{t: t, server: server, object: job}
	answer, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: p.dynamic(withMembers(provider, given))})
	if err != nil || len(answer.Diagnostics) > 0 {
		t.Fatal(err, describe(answer.Diagnostics))
	}
	return p
}

// withMembers is an object whose other members are null.
func withMembers(object tftypes.Object, given map[string]tftypes.Value) tftypes.Value {
	members := map[string]tftypes.Value{}
	for name, of := range object.AttributeTypes {
		members[name] = tftypes.NewValue(of, nil)
		if value, ok := given[name]; ok {
			members[name] = value
		}
	}
	return tftypes.NewValue(object, members)
}

func (p *plugin) config(given map[string]tftypes.Value) tftypes.Value {
	return withMembers(p.object, given)
}

func (p *plugin) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		p.t.Error(err)
	}
	return &dynamic
}

// applied is what an apply answered.
type applied struct {
	state       tftypes.Value
	severity    tfprotov6.DiagnosticSeverity // of the first diagnostic
	diagnostics string
}

// text returns an attribute that is a string.
func (a applied) text(attribute string) string {
	members, err := as[map[string]tftypes.Value](a.state)
	if err != nil {
		return ""
	}
	text, err := as[string](members[attribute])
	if err != nil {
		return ""
	}
	return text
}

// apply plans a change from prior to config and makes it.
func (p *plugin) apply(prior, config tftypes.Value) applied {
	ctx := context.WithoutCancel(p.t.Context())
	proposed := config
	if !prior.IsNull() {
		proposed = p.proposed(prior, config)
	}
	plan, err := p.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: "batch_job", PriorState: p.dynamic(prior), ProposedNewState: p.dynamic(proposed), Config: p.dynamic(config),
	})
	if err != nil || len(plan.Diagnostics) > 0 {
		p.t.Error("plan:", err, describe(plan.Diagnostics))
		return applied{}
	}
	answer, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "batch_job", PriorState: p.dynamic(prior), PlannedState: plan.PlannedState, Config: p.dynamic(config), PlannedPrivate: plan.PlannedPrivate,
	})
	if err != nil {
		p.t.Error("apply:", err)
		return applied{}
	}
	state, err := answer.NewState.Unmarshal(p.object)
	if err != nil {
		p.t.Error("apply:", err)
	}
	a := applied{state: state, diagnostics: describe(answer.Diagnostics)}
	if len(answer.Diagnostics) > 0 {
		a.severity = answer.Diagnostics[0].Severity
	}
	return a
}

// proposed is what terraform proposes: what is configured, and what is computed as it was.
func (p *plugin) proposed(prior, config tftypes.Value) tftypes.Value {
	before, err := as[map[string]tftypes.Value](prior)
	if err != nil {
		p.t.Error(err)
	}
	after, err := as[map[string]tftypes.Value](config)
	if err != nil {
		p.t.Error(err)
	}
	for name, value := range after {
		if value.IsNull() {
			after[name] = before[name]
		}
	}
	return tftypes.NewValue(p.object, after)
}

func describe(diagnostics []*tfprotov6.Diagnostic) string {
	text := ""
	for _, d := range diagnostics {
		text += fmt.Sprintf("%s: %s: %s\n", d.Severity, d.Summary, d.Detail)
	}
	return text
}
