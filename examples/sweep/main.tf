# A sweep on this machine: one European call option, priced by simulation for every combination of strike,
# volatility and seed. Change a value and apply again: only the points that are new run.

terraform {
  required_providers {
    batch = {
      source = "batchd/batch"
    }
  }
}

# Without an endpoint the provider starts a runtime of its own on this machine.
provider "batch" {
  runtime {
    state_dir = abspath(var.state_dir)
  }
}

resource "batch_compute_environment" "here" {
  name = "here"
  type = "MANAGED"

  compute_resources {
    type      = "LOCAL"
    max_vcpus = var.max_vcpus
  }
}

resource "batch_job_queue" "sweep" {
  name                 = "sweep"
  priority             = 1
  compute_environments = [batch_compute_environment.here.arn]
}

# No image: the job is a process of this machine. The script runs with the command as its arguments.
resource "batch_job_definition" "price" {
  name   = "price"
  script = file("${path.module}/price.sh")

  container_properties {
    resource_requirements {
      vcpu   = 1
      memory = 64
    }
  }

  # A job is given its parameters as variables, BATCH_PARAM_SPOT and so on.
  parameters = {
    spot     = var.spot
    rate     = var.rate
    maturity = var.maturity
    paths    = var.paths
  }
}

resource "batch_job" "prices" {
  name           = "prices"
  job_queue      = batch_job_queue.sweep.arn
  job_definition = batch_job_definition.price.arn

  matrix = {
    strike     = var.strikes
    volatility = var.volatilities
    seed       = var.seeds
  }
}
