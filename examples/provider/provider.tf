terraform {
  required_providers {
    batch = {
      source = "batchd/batch"
    }
  }
}

# Nothing to configure: the provider starts its bundled runtime on this machine.
provider "batch" {}

# The bundled runtime with a state directory of this configuration.
provider "batch" {
  alias = "project"

  runtime {
    state_dir    = abspath(".batchd")
    idle_timeout = "10m"
  }
}

# A runtime that is there already, on this machine or another. Credentials may also come from the environment.
provider "batch" {
  alias = "shared"

  endpoint = "http://127.0.0.1:8080"
  region   = "us-east-1"
  profile  = "batchd"
}
