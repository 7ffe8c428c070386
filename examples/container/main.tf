# The sweep's script again, each point in a container of its own. It needs a Docker daemon on this machine.

terraform {
  required_providers {
    batch = {
      source = "batchd/batch"
    }
  }
}

variable "image" {
  description = "An image with sh and awk."
  type        = string
  default     = "debian:stable-slim"
}

variable "strikes" {
  description = "Strike prices."
  type        = list(number)
  default     = [90, 110]
}

variable "seeds" {
  description = "Seeds of the random numbers. Each is one independent estimate of every price."
  type        = list(number)
  default     = [1, 2]
}

variable "state_dir" {
  description = "Where the runtime on this machine keeps its records, results and logs."
  type        = string
  default     = ".batchd"
}

provider "batch" {
  runtime {
    state_dir = abspath(var.state_dir)
  }
}

resource "batch_compute_environment" "containers" {
  name = "containers"
  type = "MANAGED"

  compute_resources {
    type      = "LOCAL"
    max_vcpus = 2
  }
}

resource "batch_job_queue" "containers" {
  name                 = "containers"
  priority             = 1
  compute_environments = [batch_compute_environment.containers.arn]
}

# With an image the job is a container; the script is delivered into it.
resource "batch_job_definition" "price" {
  name   = "price-in-container"
  script = file("${path.module}/../sweep/price.sh")

  container_properties {
    image = var.image

    resource_requirements {
      vcpu   = 1
      memory = 64
    }
  }

  parameters = {
    volatility = 0.2
  }
}

resource "batch_job" "prices" {
  name           = "prices-in-containers"
  job_queue      = batch_job_queue.containers.arn
  job_definition = batch_job_definition.price.arn

  matrix = {
    strike = var.strikes
    seed   = var.seeds
  }
}

locals {
  # No value of the matrix is a secret.
  points = nonsensitive(batch_job.prices.points)
}

output "prices" {
  description = "Every point with its simulated price and standard error."
  value = [
    for point in batch_job.prices.results : merge(
      { strike = tonumber(local.points[point.index].strike), seed = tonumber(local.points[point.index].seed) },
      jsondecode(point.result_json),
    ) if point.result_json != null
  ]
}

output "table" {
  description = "The prices as text."
  value = join("\n", concat(
    [format("%8s%6s%11s%16s", "strike", "seed", "simulated", "standard error")],
    [
      for point in batch_job.prices.results : format("%8s%6s%11.4f%16.4f", local.points[point.index].strike, local.points[point.index].seed,
      jsondecode(point.result_json).price, jsondecode(point.result_json).standard_error) if point.result_json != null
    ],
  ))
}
