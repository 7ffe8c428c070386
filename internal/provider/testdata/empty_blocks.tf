resource "batch_job_definition" "empty" {
  name   = "empty"
  script = "#!/bin/sh\nexit 0\n"

  container_properties {
    resource_requirements {}
  }
  retry_strategy {}
}

resource "batch_job_definition" "image" {
  name = "image"

  container_properties {
    image = "image"
    linux_parameters {}

    volumes {
      name = "anonymous"
    }
  }
}

resource "batch_job" "empty" {
  name           = "empty"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.empty.arn

  container_overrides {
    resource_requirements {}
  }
  retry_strategy {}
  timeouts {}
}
