# want: At least one attribute out of \[script,container_properties\] must be specified
resource "batch_job_definition" "x" {
  name = "x"
}
