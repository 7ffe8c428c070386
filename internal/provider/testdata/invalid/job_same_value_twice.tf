# want: matrix\["a"\] has the same value at 0 and at 1
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  matrix         = { a = [1, 1] }
}
