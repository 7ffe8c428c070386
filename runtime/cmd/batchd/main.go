// Command batchd is the batch computing service: the runtime and its commands in one binary.
package main

import (
	"os"

	"github.com/batchd/terraform-provider-batch/runtime/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
