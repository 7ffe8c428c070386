# want: Attribute "array_size" cannot be specified when "matrix" is specified
resource "batch_job" "x" {
  name           = "x"
  job_queue      = "q"
  job_definition = "d:1"
  array_size     = 10
  matrix         = { a = [1, 2] }
}
