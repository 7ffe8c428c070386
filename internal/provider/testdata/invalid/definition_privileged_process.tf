# want: container_properties.privileged: given a value; allowed is
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    command    = ["true"]
    privileged = true
  }
}
