# want: must be 1 to 128 letters
resource "batch_job_queue" "x" {
  name                 = "not a name"
  compute_environments = ["local"]
}
