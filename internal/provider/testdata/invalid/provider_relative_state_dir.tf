# want: give an absolute path
provider "batch" {
  alias = "wrong"
  runtime { state_dir = "x/y" }
}

resource "batch_job_queue" "x" {
  provider             = batch.wrong
  name                 = "x"
  compute_environments = ["local"]
}
