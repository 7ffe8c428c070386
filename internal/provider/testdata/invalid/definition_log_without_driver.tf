# want: log_configuration.log_driver" must be specified
resource "batch_job_definition" "x" {
  name = "x"
  container_properties {
    command = ["true"]
    log_configuration {}
  }
}
