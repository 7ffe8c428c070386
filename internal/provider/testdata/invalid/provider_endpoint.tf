# want: give a URL with http or https
provider "batch" {
  alias = "wrong"
  endpoint = "not a url"
}

resource "batch_job_queue" "x" {
  provider             = batch.wrong
  name                 = "x"
  compute_environments = ["local"]
}
