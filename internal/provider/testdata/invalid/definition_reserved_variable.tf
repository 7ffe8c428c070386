# want: names that do not begin with AWS_BATCH
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    command     = ["true"]
    environment = { AWS_BATCH_JOB_ID = "mine" }
  }
}
