# want: value must be between 0 and 1000
resource "batch_job_queue" "x" {
  name                 = "x"
  priority             = 1001
  compute_environments = ["local"]
}
