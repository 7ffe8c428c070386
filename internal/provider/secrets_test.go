package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// secret is a value that nothing may show.
const secret = "hunter2secret"

// TestASensitiveValueOfAMatrixIsNotShown sweeps over a secret. Terraform hides it in what is configured, by the mark of the
// variable; what is computed must not have it, but in an attribute that is sensitive, and neither must an error.
func TestASensitiveValueOfAMatrixIsNotShown(t *testing.T) {
	r := newRuntime(t)
	with := func(code string) string {
		return r.config(t, "testdata/base.tf") + r.text(t, "testdata/secret.tf", "CODE", code)
	}
	variables := config.Variables{"password": config.StringVariable(secret)}
	schemas := schemasOf(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("0"), ConfigVariables: variables, ConfigStateChecks: []statecheck.StateCheck{hidesSecret{schemas}, output("user", "a b")}},
		},
	})
	failure := failureOf(t, resource.TestStep{Config: with("3"), ConfigVariables: variables})
	if !strings.Contains(failure, "user = a") || strings.Contains(failure, secret) {
		t.Errorf("the failure is %s", failure)
	}
}

// hidesSecret wants no computed attribute with the secret in it, unless it is sensitive.
type hidesSecret struct {
	schemas *tfprotov6.GetProviderSchemaResponse
}

// CheckState looks at all resources of the root module.
func (c hidesSecret) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	for _, r := range req.State.Values.RootModule.Resources {
		schema := c.schemas.ResourceSchemas[r.Type]
		if r.Mode == "data" {
			schema = c.schemas.DataSourceSchemas[r.Type]
		}
		for _, a := range schema.Block.Attributes {
			text, err := json.Marshal(r.AttributeValues[a.Name])
			if err != nil {
				resp.Error = err
				return
			}
			if a.Computed && !a.Sensitive && strings.Contains(string(text), secret) {
				resp.Error = fmt.Errorf("%s.%s shows the secret: %s", r.Address, a.Name, text)
				return
			}
		}
	}
}
