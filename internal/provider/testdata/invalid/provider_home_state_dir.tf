# want: give an absolute path
provider "batch" {
  alias = "wrong"
  runtime { state_dir = "~/x" }
}

resource "batch_job_queue" "x" {
  provider             = batch.wrong
  name                 = "x"
  compute_environments = ["local"]
}
