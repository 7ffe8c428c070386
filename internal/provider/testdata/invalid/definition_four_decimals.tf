# want: resource_requirements
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    command = ["true"]
    resource_requirements {
      vcpu = 1.0001
    }
  }
}
