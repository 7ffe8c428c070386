resource "batch_compute_environment" "first" {
  name = "first"
  compute_resources { max_vcpus = 2 }
}

resource "batch_compute_environment" "second" {
  name_prefix = "second-"

  compute_resources {
    max_vcpus = 1
    memory    = 64
  }
}

resource "batch_job_queue" "x" {
  name                 = "x"
  priority             = @PRIORITY@
  compute_environments = [@ENVIRONMENTS@]
  tags                 = { team = "@TEAM@" }
}
