# want: 64 lower-case hex digits
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  inputs         = { data = "abc" }
}
