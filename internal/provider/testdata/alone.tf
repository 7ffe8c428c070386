# Everything a job needs, with names that end in @SUFFIX@, on the bundled runtime of @DIR@.
provider "batch" {
  runtime {
    state_dir    = "@DIR@"
    idle_timeout = "30s"
    auto_start   = @START@
  }
}

resource "batch_compute_environment" "local" {
  name = "local-@SUFFIX@"
  compute_resources { max_vcpus = 2 }
}

resource "batch_job_queue" "work" {
  name                 = "work-@SUFFIX@"
  compute_environments = [batch_compute_environment.local.name]
}

resource "batch_job_definition" "hello" {
  name = "hello-@SUFFIX@"
  container_properties { command = ["/bin/echo", "hello", "Ref::whom", "of @SUFFIX@"] }
}

resource "batch_job" "hello" {
  name           = "hello-@SUFFIX@"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.hello.arn
  matrix         = { whom = ["you", "me"] }
}
