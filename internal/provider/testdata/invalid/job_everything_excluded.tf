# want: the sweep has no points
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  matrix         = { a = [1] }
  exclude        = [{ a = 1 }]
}
