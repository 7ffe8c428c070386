# The sweep's script in an AWS account: each point is a container on a Spot instance. Instances are launched when points wait and
# ended when none is left. They cost money while they are up.

terraform {
  required_providers {
    batch = {
      source = "batchd/batch"
    }
  }
}

# The runtime on this machine has the credentials, region and profile that AWS's configuration names: AWS_PROFILE, AWS_REGION and so on.
provider "batch" {
  runtime {
    state_dir = abspath(var.state_dir)
    aws       = true
  }
}

resource "batch_compute_environment" "spot" {
  name = "spot"
  type = "MANAGED"

  compute_resources {
    type                = "SPOT"
    allocation_strategy = "SPOT_PRICE_CAPACITY_OPTIMIZED"
    instance_types      = var.instance_types
    instance_role       = var.instance_role
    subnets             = var.subnets
    security_group_ids  = var.security_group_ids
    max_vcpus           = var.max_vcpus
  }
}

resource "batch_job_queue" "sweep" {
  name                 = "sweep"
  priority             = 1
  compute_environments = [batch_compute_environment.spot.arn]
}

# The script is delivered into the container, and its result is read from the log of the container.
resource "batch_job_definition" "price" {
  name   = "price-on-spot"
  script = file("${path.module}/../sweep/price.sh")

  container_properties {
    image = var.image

    resource_requirements {
      vcpu   = 1
      memory = 512
    }
  }

  parameters = {
    paths = var.paths
  }

  # A point whose instance was taken back runs again; one whose script failed does not.
  retry_strategy {
    attempts = 10

    evaluate_on_exit {
      on_status_reason = "Host EC2*"
      action           = "RETRY"
    }
    evaluate_on_exit {
      on_reason = "*"
      action    = "EXIT"
    }
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
