package provider

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// factories serve the provider to terraform, in this process.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"batch": providerserver.NewProtocol6WithError(New("test")()),
}

func TestSchemasAreValid(t *testing.T) {
	server, err := factories["batch"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range schemas.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if len(schemas.ResourceSchemas) != 4 || len(schemas.DataSourceSchemas) != 1 {
		t.Errorf("have %d resources and %d data sources", len(schemas.ResourceSchemas), len(schemas.DataSourceSchemas))
	}
	for name, s := range schemas.ResourceSchemas {
		summarised(t, name, s.Block.Description)
		allDescribed(t, name, s.Block)
	}
	for name, s := range schemas.DataSourceSchemas {
		summarised(t, "data."+name, s.Block.Description)
		allDescribed(t, "data."+name, s.Block)
	}
	allDescribed(t, "provider", schemas.Provider.Block)
}

// summarised fails for a description whose first paragraph, the summary in an index of pages, is not one sentence.
func summarised(t *testing.T, at, description string) {
	t.Helper()
	summary, _, _ := strings.Cut(description, "\n\n")
	if !strings.HasSuffix(summary, ".") || strings.ContainsAny(summary, "\n*") || strings.Contains(summary, ". ") {
		t.Errorf("the description of %s begins with %q, want a sentence of its own", at, summary)
	}
}

// allDescribed fails for attributes and blocks without documentation.
func allDescribed(t *testing.T, at string, b *tfprotov6.SchemaBlock) {
	t.Helper()
	describedAttributes(t, at, b.Attributes)
	for _, inner := range b.BlockTypes {
		name := at + "." + inner.TypeName
		if inner.Block.Description == "" && inner.TypeName != "timeouts" {
			t.Errorf("%s has no description", name)
		}
		allDescribed(t, name, inner.Block)
	}
}

func describedAttributes(t *testing.T, at string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		if a.Description == "" {
			t.Errorf("%s.%s has no description", at, a.Name)
		}
		if a.NestedType != nil {
			describedAttributes(t, at+"."+a.Name, a.NestedType.Attributes)
		}
	}
}

func TestSchemasFollowTheFrameworksRules(t *testing.T) {
	p := New("test")()
	var meta provider.MetadataResponse
	p.Metadata(t.Context(), provider.MetadataRequest{}, &meta)
	for _, make := range p.Resources(t.Context()) {
		s := schemaOf(t.Context(), make())
		if diags := s.ValidateImplementation(t.Context()); diags.HasError() {
			t.Error(diags)
		}
	}
	for _, make := range p.DataSources(t.Context()) {
		var resp datasource.SchemaResponse
		make().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
		if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
			t.Error(diags)
		}
	}
}

func schemaOf(ctx context.Context, r resource.Resource) schema.Schema {
	var resp resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &resp)
	return resp.Schema
}

func TestFrameworkLogsErrorsUnlessAskedForMore(t *testing.T) {
	for given, want := range map[string]string{"": "ERROR", "TRACE": "TRACE"} {
		t.Setenv(envFrameworkLog, given)
		New("test")
		if have := os.Getenv(envFrameworkLog); have != want {
			t.Errorf("given %q, it is %q", given, have)
		}
	}
}
