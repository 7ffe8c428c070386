# want: matrix\["a"\] has the value "1" twice
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  matrix         = { a = [1, 1] }
}
