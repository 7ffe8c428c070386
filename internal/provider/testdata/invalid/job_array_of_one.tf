# want: value must be between 2 and 1000000
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  array_size     = 1
}
