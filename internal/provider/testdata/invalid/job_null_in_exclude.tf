# want: This attribute contains a null value
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  matrix         = { a = [1, 2] }
  exclude        = [{ a = null }]
}
