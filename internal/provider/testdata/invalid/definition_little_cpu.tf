# want: resource_requirements.vcpu value must be at least
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    command = ["true"]
    resource_requirements {
      vcpu = 0.0001
    }
  }
}
