package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// nowhere is a provider block whose runtime cannot be reached: what is tested with it needs none.
const nowhere = `
provider "batch" {
  endpoint = "http://127.0.0.1:1"
}
`

// TestInvalidConfigurations plans each configuration of testdata/invalid and wants the error that its first line says, and no other.
func TestInvalidConfigurations(t *testing.T) {
	needTerraform(t)
	files, err := filepath.Glob("testdata/invalid/*.tf")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".tf"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(text), "\n")
			want := strings.TrimPrefix(first, "# want: ")
			refused := refusalOf(t, nowhere+string(text))
			if !spaced(want).MatchString(refused) {
				t.Errorf("nothing matches %q in: %s", want, refused)
			}
			if n := errorsIn(refused); n != 1 {
				t.Errorf("one mistake is %d errors: %s", n, refused)
			}
		})
	}
}

// TestPlanContactsNothing plans everything new: no runtime is needed, and what can be known is known.
func TestPlanContactsNothing(t *testing.T) {
	needTerraform(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: nowhere + textOf(t, "testdata/sweep.tf"), PlanOnly: true, ExpectNonEmptyPlan: true,
		}},
	})
}

// TestEndpointUnknownAtPlan plans with an endpoint that another resource will decide.
func TestEndpointUnknownAtPlan(t *testing.T) {
	needTerraform(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: `
resource "terraform_data" "runtime" {
  input = "http://127.0.0.1:1"
}

provider "batch" {
  endpoint = terraform_data.runtime.output
}
` + textOf(t, "testdata/sweep.tf"),
			PlanOnly: true, ExpectNonEmptyPlan: true,
		}},
	})
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
