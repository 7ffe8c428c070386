# want: Give both access_key and secret_key, or neither
provider "batch" {
  alias      = "half"
  access_key = "a"
}

resource "batch_job_queue" "x" {
  provider             = batch.half
  name                 = "x"
  compute_environments = ["local"]
}
