// Command terraform-provider-batch is the Terraform provider for batchd. Called with "batchd" as its first
// argument it is the bundled runtime instead: the provider starts itself again that way, so that there is
// one binary to install, sign and lock.
package main

import (
	"context"
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/batchd/terraform-provider-batch/internal/provider"
	"github.com/batchd/terraform-provider-batch/runtime/cli"
)

// door is the hidden first argument that opens the bundled runtime.
const door = "batchd"

func main() {
	if len(os.Args) > 1 && os.Args[1] == door {
		os.Exit(cli.Main(os.Args[2:], door))
	}
	debug := flag.Bool("debug", false, "serve for a debugger, and print how to attach Terraform")
	flag.Parse()
	if !*debug { // a provider that is debugged was not started by Terraform
		go provider.ExitWithTerraform()
	}
	err := providerserver.Serve(context.Background(), provider.New(cli.Version()), providerserver.ServeOpts{
		Address: "registry.terraform.io/batchd/batch",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
