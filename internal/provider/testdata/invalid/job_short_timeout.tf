# want: value must be at least 60
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  timeout { attempt_duration_seconds = 59 }
}
