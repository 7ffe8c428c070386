# want: give a number and a unit
provider "batch" {
  alias = "idle"
  runtime { idle_timeout = "soon" }
}

resource "batch_job_queue" "x" {
  provider             = batch.idle
  name                 = "x"
  compute_environments = ["local"]
}
