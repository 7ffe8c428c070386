variable "password" {
  type      = string
  sensitive = true
}

resource "batch_job_definition" "login" {
  name   = "login"
  script = "#!/bin/sh\nexit @CODE@\n"
}

resource "batch_job" "login" {
  name           = "login"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.login.arn
  matrix = {
    password = [var.password]
    user     = ["a", "b"]
  }
  sensitive_parameters = ["password"]
}

data "batch_job" "login" {
  job_id = batch_job.login.job_id
}

output "user" {
  value = nonsensitive(join(" ", batch_job.login.points[*].user))
}
