# want: resource_requirements.memory value must be between 4
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    command = ["true"]
    resource_requirements {
      memory = 2
    }
  }
}
