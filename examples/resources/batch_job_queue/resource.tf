resource "batch_compute_environment" "here" {
  name = "here"
  type = "MANAGED"

  compute_resources {
    type      = "LOCAL"
    max_vcpus = 4
  }
}

# Work in the queue with the higher priority is placed first.
resource "batch_job_queue" "urgent" {
  name                 = "urgent"
  priority             = 10
  compute_environments = [batch_compute_environment.here.arn]
}

resource "batch_job_queue" "overnight" {
  name                 = "overnight"
  priority             = 1
  compute_environments = [batch_compute_environment.here.arn]
}
