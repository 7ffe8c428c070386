# Jobs that ask for more than their environment may hold.
resource "batch_job_definition" "huge" {
  name = "huge"
  container_properties {
    command = ["true"]
    resource_requirements { vcpu = 64 }
  }
}

resource "batch_job" "huge" {
  name            = "huge"
  job_queue       = batch_job_queue.work.name
  job_definition  = batch_job_definition.huge.arn
  fail_when_stuck = "@STUCK@"
  @MORE@
}
