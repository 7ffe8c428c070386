resource "batch_compute_environment" "here" {
  name = "here"
  type = "MANAGED"

  compute_resources {
    type      = "LOCAL"
    max_vcpus = 4
  }
}

resource "batch_job_queue" "work" {
  name                 = "work"
  priority             = 1
  compute_environments = [batch_compute_environment.here.arn]
}

resource "batch_job_definition" "train" {
  name = "train"

  script = <<-EOT
    #!/bin/sh
    set -eu
    echo "training with rate $BATCH_PARAM_RATE and depth $BATCH_PARAM_DEPTH"
    printf '{"loss": %s}\n' "$BATCH_PARAM_RATE" >"$BATCH_RESULT_FILE"
  EOT

  container_properties {
    resource_requirements {
      vcpu   = 1
      memory = 64
    }
  }
}

# One job.
resource "batch_job" "one" {
  name           = "one"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.train.arn

  parameters = {
    rate  = 0.1
    depth = 3
  }

  # Another value runs the job again.
  triggers = {
    month = "2026-11"
  }

  # How long an apply waits. If the job has not ended then, the apply fails, the job goes on, and the next apply waits for the same job.
  timeouts {
    create = "2h"
    update = "2h"
  }
}

# A sweep: every combination but one, and one point more. Change a value, and only the points that are new run.
resource "batch_job" "sweep" {
  name           = "sweep"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.train.arn

  matrix = {
    rate  = [0.01, 0.1, 1]
    depth = [2, 4]
  }

  exclude = [
    { rate = 1, depth = 4 },
  ]

  include = [
    { rate = 0.001, depth = 8 },
  ]
}

output "losses" {
  value = {
    for i, point in nonsensitive(batch_job.sweep.points) :
    "rate ${point.rate}, depth ${point.depth}" => jsondecode(batch_job.sweep.results[i].result_json).loss
  }
}
