# want: This attribute contains a null value
resource "batch_job_queue" "x" {
  name                 = "x"
  compute_environments = ["local", null]
}
