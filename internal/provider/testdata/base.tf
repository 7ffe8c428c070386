resource "batch_compute_environment" "local" {
  name = "local"
  compute_resources { max_vcpus = 4 }
}

resource "batch_job_queue" "work" {
  name                 = "work"
  compute_environments = [batch_compute_environment.local.arn]
}
