# want: map must contain at least 1 elements
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  matrix         = {}
}
