package provider

import (
	"context"
	"os"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
)

// ExitWithTerraform ends this process once the Terraform that started it has ended.
func ExitWithTerraform() {
	if bundled.AwaitOrphaned(context.Background()) {
		os.Exit(1)
	}
}
