# want: resource_requirements.vcpu value must be at least
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d"
  container_overrides {
    resource_requirements {
      vcpu = 0.0001
    }
  }
}
